package io.tunabledb.engine.scram;

import java.text.Normalizer;

/**
 * What a password is before it is hashed (SASLprep, RFC 4013), so that it is the same whichever keyboard it comes from:
 * spaces of all kinds are a space, what can't be seen is left out, the rest is in normal form KC.
 *
 * <p>Characters that Unicode 3.2 did not know are let through where the runtime knows them: RFC 4013 forbids them in stored
 * texts, and would so forbid every newer script and sign.
 */
public final class SaslPrep {

    private SaslPrep() {}

    /**
     * The prepared text.
     *
     * @throws ScramException when it has a character that SASLprep prohibits, or mixes directions; the message does not say
     *     which
     */
    public static String of(String text) throws ScramException {
        if (text.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
            return text;
        }
        StringBuilder mapped = new StringBuilder(text.length());
        text.codePoints()
                .filter(c -> !isMappedToNothing(c))
                .map(c -> isSpace(c) ? ' ' : c)
                .forEach(mapped::appendCodePoint);
        String prepared = Normalizer.normalize(mapped, Normalizer.Form.NFKC);
        if (prepared.codePoints().anyMatch(SaslPrep::isProhibited)) {
            throw new ScramException("has a character that SASLprep (RFC 4013) prohibits");
        }
        if (mixesDirections(prepared)) {
            throw new ScramException("mixes writing from left to right and from right to left (RFC 3454, section 6)");
        }
        return prepared;
    }

    /** RFC 3454, table C.1.2. */
    private static boolean isSpace(int c) {
        return c != ' ' && Character.getType(c) == Character.SPACE_SEPARATOR;
    }

    /** RFC 3454, table B.1. */
    private static boolean isMappedToNothing(int c) {
        return c == 0xAD
                || c == 0x34F
                || c == 0x1806
                || (c >= 0x180B && c <= 0x180D)
                || (c >= 0x200B && c <= 0x200D)
                || c == 0x2060
                || (c >= 0xFE00 && c <= 0xFE0F)
                || c == 0xFEFF;
    }

    /** RFC 3454, tables C.1.2 to C.9. */
    private static boolean isProhibited(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default ->
                isSpace(c)
                        || c == 0x06DD
                        || c == 0x070F
                        || c == 0x180E
                        || (c >= 0x200C && c <= 0x200F)
                        || (c >= 0x202A && c <= 0x202E)
                        || (c >= 0x2060 && c <= 0x206F)
                        || (c >= 0x2FF0 && c <= 0x2FFB)
                        || c == 0x340
                        || c == 0x341
                        || (c >= 0xFFF9 && c <= 0xFFFD)
                        || (c >= 0x1D173 && c <= 0x1D17A)
                        || (c >= 0xE0000 && c <= 0xE007F);
        };
    }

    private static boolean mixesDirections(String text) {
        if (text.codePoints().noneMatch(SaslPrep::isRightToLeft)) {
            return false;
        }
        return text.codePoints().anyMatch(c -> Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT)
                || !isRightToLeft(text.codePointAt(0))
                || !isRightToLeft(text.codePointBefore(text.length()));
    }

    private static boolean isRightToLeft(int c) {
        byte direction = Character.getDirectionality(c);
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
