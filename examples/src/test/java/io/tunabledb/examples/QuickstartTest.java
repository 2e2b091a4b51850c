package io.tunabledb.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command, shortened, does what it says: on an empty path and on the path it left. */
class QuickstartTest {

    @Test
    void runsTwiceOnOnePath(@TempDir Path directory) {
        assertThat(quickstart(directory))
                .contains("created the bank, 4250 rows")
                .contains("copied Chinook: 11 tables with their keys, 15607 rows")
                .contains("TC001")
                .contains("TC002");
        assertThat(quickstart(directory))
                .contains("the bank is there from an earlier run")
                .contains("Chinook is there from an earlier run");
    }

    private static String quickstart(Path directory) {
        StringWriter text = new StringWriter();
        int code = Main.run(new PrintWriter(text, true), "quickstart", "--seconds", "6", directory.toString());
        assertThat(code).as("%s", text).isZero();
        assertThat(text.toString()).contains("every promise was kept").doesNotContain("WRONG");
        return text.toString();
    }
}
