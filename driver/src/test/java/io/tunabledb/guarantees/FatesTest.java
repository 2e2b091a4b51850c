package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The control of {@link GivenUpUnderCutsTest}: broken promises in made-up histories are seen. */
class FatesTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
            DONE,    4 4 4,   false
            DONE,    "",      false
            NOTHING, 0 0,     false
            UNKNOWN, 0 0,     false
            UNKNOWN, 4 4,     false
            DONE,    4 0,     true
            DONE,    0,       true
            DONE,    4 3,     true
            NOTHING, 0 4,     true
            NOTHING, 1,       true
            UNKNOWN, 0 4,     true
            UNKNOWN, 4 0,     true
            UNKNOWN, 2 2,     true
            """)
    void aBrokenPromiseIsSeen(Fates.Told told, String seen, boolean isBroken) {
        Fates fates = new Fates();
        fates.told(7, "a transaction", 4, told);
        fates.told(8, "another", 4, Fates.Told.DONE);
        Arrays.stream(seen.split(" "))
                .filter(each -> !each.isEmpty())
                .forEach(found -> fates.seen(7, Integer.parseInt(found)));
        fates.seen(8, 4);
        if (isBroken) {
            assertThat(fates.broken()).singleElement().asString().startsWith("7, a transaction: told " + told);
        } else {
            assertThat(fates.broken()).isEmpty();
        }
    }
}
