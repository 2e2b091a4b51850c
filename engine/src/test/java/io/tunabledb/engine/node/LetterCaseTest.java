package io.tunabledb.engine.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A database keeps to the letters of UPPER and LOWER that it was made with. */
final class LetterCaseTest {
    private final Locale before = Locale.getDefault();

    @TempDir
    Path root;

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    private void open(String language) throws IOException {
        Locale.setDefault(Locale.forLanguageTag(language));
        DatabaseDirectory.open(root, 1, 1).close();
    }

    @ParameterizedTest
    @CsvSource({"tr, az", "tr-TR, tr", "lt, lt-LT", "en, de-AT", "ja, en-US"})
    void opensWhereTheLettersAreTheSame(String made, String opened) throws IOException {
        open(made);
        open(opened);
        open(made);
    }

    @ParameterizedTest
    @CsvSource({"en, tr, -Duser.language=en", "tr, en, -Duser.language=tr", "az, lt, -Duser.language=tr", "lt, de, =lt"
    })
    void isRefusedWhereTheyAreOthers(String made, String opened, String says) throws IOException {
        open(made);
        assertThatThrownBy(() -> open(opened))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("UPPER and LOWER", says, "locale is " + opened);
        open(made);
    }

    /** The list of languages is the JVM's. */
    @ParameterizedTest
    @CsvSource({"i", "I", "İ", "ı", "ß", "ǆ", "Ì", "į", "J́", "σς", "ﬁ"})
    void noOtherLanguageHasLettersOfItsOwn(String letters) {
        for (String language : Locale.getISOLanguages()) {
            Locale locale = Locale.forLanguageTag(language);
            Locale.setDefault(locale);
            if (LetterCase.ofJvm().isEmpty()) {
                assertThat(letters.toUpperCase(locale)).as(language).isEqualTo(letters.toUpperCase(Locale.ROOT));
                assertThat(letters.toLowerCase(locale)).as(language).isEqualTo(letters.toLowerCase(Locale.ROOT));
            }
        }
    }
}
