package io.tunabledb.sql.parser;

import java.util.List;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.Token;

/**
 * Tells apart words with two meanings by their neighbours, in one pass, so that the parser decides on one token:
 * {@code FROM} in {@code IS DISTINCT FROM}, {@code LEFT} as a function, {@code WITH} in {@code WITH TIES}, and so on.
 */
final class Meanings {
    private final List<CommonToken> tokens;
    private final int[] partner;

    private Meanings(List<CommonToken> tokens, int[] partner) {
        this.tokens = tokens;
        this.partner = partner;
    }

    /** Changes the types of tokens that mean something else than they usually do. */
    static void settle(List<CommonToken> tokens, int[] partner) {
        Meanings meanings = new Meanings(tokens, partner);
        for (int i = 0; i < tokens.size(); i++) {
            int type = tokens.get(i).getType();
            int meant = Words.isWord(type) && meanings.type(i - 1) == TunableSqlLexer.DOT
                    ? TunableSqlLexer.WORD
                    : meanings.meant(i, type);
            if (meant != type) {
                tokens.get(i).setType(meant);
            }
        }
    }

    private int meant(int i, int type) {
        return switch (type) {
            case TunableSqlLexer.LEFT, TunableSqlLexer.RIGHT -> plainIf(type(i + 1) == TunableSqlLexer.LPAREN, type);
            case TunableSqlLexer.GROUP, TunableSqlLexer.ORDER -> plainIf(!is(i + 1, "BY"), type);
            case TunableSqlLexer.EXCEPT ->
                plainIf(type(i - 1) == TunableSqlLexer.STAR && type(i + 1) == TunableSqlLexer.LPAREN, type);
            case TunableSqlLexer.FOR ->
                plainIf(is(i - 1, "VALUE") && (is(i - 2, "NEXT") || type(i - 2) == TunableSqlLexer.CURRENT), type);
            case TunableSqlLexer.FROM -> plainIf(comparesDistinct(i) || choosesRow(i), type);
            case TunableSqlLexer.ON -> on(i);
            case TunableSqlLexer.TABLE -> table(i);
            case TunableSqlLexer.WITH -> with(i);
            case TunableSqlLexer.VALUES -> values(i);
            default -> type;
        };
    }

    private static int plainIf(boolean plain, int type) {
        return plain ? TunableSqlLexer.PLAIN : type;
    }

    /** IS [NOT] DISTINCT FROM. */
    private boolean comparesDistinct(int i) {
        return type(i - 1) == TunableSqlLexer.DISTINCT
                && (is(i - 2, "IS") || (type(i - 2) == TunableSqlLexer.NOT && is(i - 3, "IS")));
    }

    /** NTH_VALUE(…) FROM LAST. */
    private boolean choosesRow(int i) {
        return type(i - 1) == TunableSqlLexer.RPAREN && is(partner[i - 1] - 1, "NTH_VALUE");
    }

    private int on(int i) {
        boolean duplicateKey = type(i + 1) == TunableSqlLexer.DUPLICATE && type(i + 2) == TunableSqlLexer.KEY;
        if (duplicateKey || (type(i + 1) == TunableSqlLexer.CONFLICT && is(i + 2, "DO"))) {
            return TunableSqlLexer.ON_CONFLICT;
        }
        boolean distinctOn = type(i - 1) == TunableSqlLexer.DISTINCT && type(i + 1) == TunableSqlLexer.LPAREN;
        boolean onNull = is(i + 1, "NULL") && (is(i - 1, "NULL") || is(i - 1, "ABSENT"));
        return plainIf(distinctOn || onNull, TunableSqlLexer.ON);
    }

    private int table(int i) {
        if (type(i + 1) != TunableSqlLexer.LPAREN) {
            return TunableSqlLexer.TABLE;
        }
        boolean optionBefore = switch (type(i - 1)) {
            case TunableSqlLexer.FINAL, TunableSqlLexer.OLD, TunableSqlLexer.NEW -> true;
            default -> false;
        };
        boolean changeAfter = switch (type(i + 2)) {
            case TunableSqlLexer.INSERT,
                    TunableSqlLexer.UPDATE,
                    TunableSqlLexer.DELETE,
                    TunableSqlLexer.MERGE,
                    TunableSqlLexer.REPLACE -> true;
            default -> false;
        };
        if (optionBefore && changeAfter) {
            tokens.get(i - 1).setType(TunableSqlLexer.DELTA);
        }
        return TunableSqlLexer.TABLE_FUNCTION;
    }

    private int with(int i) {
        if (type(i + 1) == TunableSqlLexer.CONSISTENCY && (isForTable(i + 2) || !beginsCte(i + 1))) {
            return TunableSqlLexer.WITH_ASKED;
        }
        if (type(i + 1) == TunableSqlLexer.RECURSIVE || beginsCte(i + 1)) {
            return TunableSqlLexer.WITH;
        }
        int data = is(i + 1, "NO") ? i + 2 : i + 1;
        int after = type(data + 1);
        boolean atEnd = after == Token.EOF || after == TunableSqlLexer.SEMI || after == TunableSqlLexer.WITH;
        return is(data, "DATA") && atEnd ? TunableSqlLexer.WITH_DATA : TunableSqlLexer.PLAIN;
    }

    /** (READ level …, and no column of a CTE called READ. */
    private boolean isForTable(int i) {
        boolean scope = type(i + 1) == TunableSqlLexer.READ || type(i + 1) == TunableSqlLexer.WRITE;
        int after = type(i + 2);
        return type(i) == TunableSqlLexer.LPAREN
                && scope
                && after != TunableSqlLexer.COMMA
                && after != TunableSqlLexer.RPAREN;
    }

    /** name [(columns)] AS (. */
    private boolean beginsCte(int i) {
        int as = type(i + 1) == TunableSqlLexer.LPAREN ? partner[i + 1] + 1 : i + 1;
        return type(as) == TunableSqlLexer.AS && type(as + 1) == TunableSqlLexer.LPAREN;
    }

    /** Marks the commas between rows, which look like those between tables. */
    private int values(int i) {
        int at = i + 1;
        while (true) {
            int row = type(at) == TunableSqlLexer.ROW ? at + 1 : at;
            int end = type(row) == TunableSqlLexer.LPAREN ? partner[row] + 1 : endOfExpression(at);
            if (type(end) != TunableSqlLexer.COMMA) {
                return TunableSqlLexer.VALUES;
            }
            tokens.get(end).setType(TunableSqlLexer.VALUES_COMMA);
            at = end + 1;
        }
    }

    private int endOfExpression(int from) {
        int at = from;
        while (true) {
            switch (type(at)) {
                case TunableSqlLexer.LPAREN, TunableSqlLexer.LBRACKET, TunableSqlLexer.LBRACE -> at = partner[at] + 1;
                case Token.EOF,
                        TunableSqlLexer.SEMI,
                        TunableSqlLexer.COMMA,
                        TunableSqlLexer.VALUES,
                        TunableSqlLexer.RPAREN,
                        TunableSqlLexer.RBRACKET,
                        TunableSqlLexer.RBRACE -> {
                    return at;
                }
                default -> at++;
            }
        }
    }

    private int type(int i) {
        return i >= 0 && i < tokens.size() ? tokens.get(i).getType() : Token.EOF;
    }

    private boolean is(int i, String word) {
        if (i < 0 || i >= tokens.size()) {
            return false;
        }
        CommonToken token = tokens.get(i);
        return token.getStopIndex() - token.getStartIndex() + 1 == word.length()
                && token.getText().equalsIgnoreCase(word);
    }
}
