package io.tunabledb.engine.node;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which letters UPPER and LOWER give, since H2 asks the JVM's locale: in Turkish and Azerbaijani i and I are no pair, in
 * Lithuanian dots stay. Rows may be computed again when a log is applied again, so a database keeps to what it was made in.
 */
final class LetterCase {
    /** That of all other languages. */
    private static final String USUAL = "";

    private LetterCase() {}

    /** This JVM's, by a language; empty when it is the usual one. */
    static String ofJvm() {
        String language = Locale.getDefault().getLanguage();
        return switch (language) {
            case "tr", "az" -> "tr";
            case "lt" -> language;
            default -> USUAL;
        };
    }

    /**
     * Why a database can't be opened in this JVM; null when it can.
     *
     * @param made that of the JVM which made it; null is the usual one
     */
    static @Nullable String refusal(@Nullable String made) {
        String wanted = made == null ? USUAL : made;
        return wanted.equals(ofJvm())
                ? null
                : "was created where UPPER and LOWER go by "
                        + (wanted.equals(USUAL) ? "the usual rules" : "the rules of language " + wanted)
                        + ", this JVM's default locale is " + Locale.getDefault()
                        + "; start it with -Duser.language=" + (wanted.equals(USUAL) ? "en" : wanted);
    }
}
