package io.tunabledb.sql.parser;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.antlr.v4.runtime.Token;

/** Words of error messages: how a token is shown, and which known word somebody may have meant. */
public final class Words {
    private static final int LONGEST_SHOWN = 40;

    private Words() {}

    /** The token as an error message shows it, cut when long. */
    public static String quoted(Token token) {
        if (token.getType() == Token.EOF) {
            return "the end of the text";
        }
        String text = token.getText();
        return "'" + (text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text) + "'";
    }

    /** Whether tokens of that type are words without quotes: keywords are the first types, those of marks come after. */
    public static boolean isWord(int type) {
        return type == TunableSqlLexer.WORD || (type >= TunableSqlLexer.ACK && type <= TunableSqlLexer.WRITE);
    }

    /** Whether the word, in upper case, is read as a name without quotes, by H2 too. */
    public static boolean isName(String word) {
        Lexed lexed = Lexed.of(word);
        int type = lexed.tokens().get(0).getType();
        return lexed.tokens().size() == 2 && (type == TunableSqlLexer.WORD || NonReserved.contains(type));
    }

    /** What a token of that type is called. */
    static String name(int type) {
        if (type == Token.EOF) {
            return "the end of the text";
        }
        return switch (type) {
            case TunableSqlLexer.LBRACKET -> "'['";
            case TunableSqlLexer.RBRACKET -> "']'";
            case TunableSqlLexer.NUMBER -> "a number";
            case TunableSqlLexer.STRING -> "a text in quotes";
            case TunableSqlLexer.WORD, TunableSqlLexer.QUOTED, TunableSqlLexer.BACKTICKED -> "a name";
            default -> keyword(type).orElseGet(() -> TunableSqlLexer.VOCABULARY.getDisplayName(type));
        };
    }

    /** The keyword of that type. */
    static Optional<String> keyword(int type) {
        String literal = TunableSqlLexer.VOCABULARY.getLiteralName(type);
        return literal != null && Character.isLetter(literal.charAt(1))
                ? Optional.of(literal.substring(1, literal.length() - 1))
                : Optional.empty();
    }

    /** The known word that is at most two slips away, the nearest first; a slip is a letter more, less, other or swapped. */
    public static Optional<String> nearest(String found, Collection<String> known) {
        String upper = found.toUpperCase(Locale.ROOT);
        int most = upper.length() < 5 ? 1 : 2;
        // a word of any length is only compared as far as it could match
        return known.stream()
                .filter(word -> Math.abs(word.length() - upper.length()) <= most && slips(upper, word) <= most)
                .min(Comparator.comparingInt((String word) -> slips(upper, word))
                        .thenComparing(word -> word));
    }

    private static int slips(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int other = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + other);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
