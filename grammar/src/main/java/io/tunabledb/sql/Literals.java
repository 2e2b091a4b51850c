package io.tunabledb.sql;

import io.tunabledb.sql.parser.Lexed;
import io.tunabledb.sql.parser.ParseError;
import io.tunabledb.sql.parser.TunableSqlLexer;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import org.antlr.v4.runtime.CommonToken;
import org.jspecify.annotations.Nullable;

/** The values that literals stand for, as far as they are plain. */
public final class Literals {

    private Literals() {}

    /**
     * The value of a literal's source text: a BigDecimal, String, Boolean or byte[].
     *
     * @return null for what has a form of its own that only storage reads, such as hexadecimal numbers
     */
    public static @Nullable Object value(String source) {
        List<CommonToken> tokens;
        try {
            tokens = Lexed.of(source).tokens();
        } catch (ParseError e) {
            return null;
        }
        boolean negative = tokens.size() == 3 && tokens.get(0).getText().equals("-");
        if (tokens.size() != 2 && !negative) {
            return null;
        }
        CommonToken token = tokens.get(negative ? 1 : 0);
        if (token.getType() == TunableSqlLexer.NUMBER) {
            BigDecimal number = number(token.getText());
            return number == null || !negative ? number : number.negate();
        }
        if (negative) {
            return null;
        }
        if (token.getType() == TunableSqlLexer.STRING) {
            return string(token);
        }
        return switch (token.getText().toUpperCase(Locale.ROOT)) {
            case "TRUE" -> true;
            case "FALSE" -> false;
            default -> null;
        };
    }

    /** Not those with an exponent: they are approximate, and compared so. */
    private static @Nullable BigDecimal number(String text) {
        String digits = text.replace("_", "").toUpperCase(Locale.ROOT);
        if (digits.endsWith("L")) {
            digits = digits.substring(0, digits.length() - 1);
        }
        boolean isPlain = digits.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.');
        return isPlain ? new BigDecimal(digits) : null;
    }

    private static @Nullable Object string(CommonToken token) {
        char first = Character.toUpperCase(token.getText().charAt(0));
        return first == 'X' ? bytes(Names.literal(token)) : Names.literal(token);
    }

    private static byte @Nullable [] bytes(String hex) {
        String digits = hex.replace(" ", "");
        if (digits.length() % 2 != 0) {
            return null;
        }
        byte[] bytes = new byte[digits.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = Character.digit(digits.charAt(2 * i), 16);
            int low = Character.digit(digits.charAt(2 * i + 1), 16);
            if (high < 0 || low < 0) {
                return null;
            }
            bytes[i] = (byte) (high << 4 | low);
        }
        return bytes;
    }
}
