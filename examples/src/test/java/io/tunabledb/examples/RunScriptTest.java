package io.tunabledb.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's script: rows, receipts, errors and exit codes. */
class RunScriptTest {
    private static final String SCRIPT = """
            -- a shop
            CREATE TABLE item(id INT PRIMARY KEY, name VARCHAR(20));
            INSERT INTO item VALUES (1, 'tea; green'), (2, NULL);
            SELECT * FROM item ORDER BY id WITH CONSISTENCY LINEARIZABLE;
            SELECT * FROM nothing;
            SELECT 'after' AS later;
            """;

    private final StringWriter text = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void showsRowsAndReceiptsAndStopsAtTheFirstError() throws IOException {
        assertThat(run("jdbc:tunable:mem:script")).isEqualTo(1);
        assertThat(text.toString())
                .contains("2 rows changed")
                .containsPattern("ID +NAME")
                .contains("1   tea; green")
                .contains("2   NULL")
                .contains("granted LINEARIZABLE; n")
                .contains("ERROR 42S02: Table \"NOTHING\" not found")
                .doesNotContain("LATER");
    }

    @Test
    void goesOnWhenAskedAndStillSaysThatSomethingFailed() throws IOException {
        assertThat(run("jdbc:tunable:mem:script", "--keep-going")).isEqualTo(1);
        assertThat(text.toString()).contains("LATER");
    }

    @Test
    void saysWhatIsWrongWithTheUrl() throws IOException {
        assertThat(run("jdbc:tunable:mem:script?colour=red")).isEqualTo(1);
        assertThat(text.toString()).contains("ERROR 22023").contains("colour");
    }

    @Test
    void runsOnPlainH2WithoutReceipts() throws IOException {
        Path script = Files.writeString(directory.resolve("plain.sql"), "SELECT 1 AS one");
        assertThat(Main.run(new PrintWriter(text, true), "run", "jdbc:h2:mem:", script.toString()))
                .isZero();
        assertThat(text.toString()).contains("ONE").doesNotContain("receipt");
    }

    @Test
    void saysThatThereIsNoScript() {
        int code = Main.run(
                new PrintWriter(text, true),
                "run",
                "jdbc:tunable:mem:script",
                directory.resolve("no.sql").toString());
        assertThat(code).isEqualTo(1);
        assertThat(text.toString()).contains("there is no script").contains("no.sql");
    }

    private int run(String url, String... options) throws IOException {
        Path script = Files.writeString(directory.resolve("script.sql"), SCRIPT);
        String[] args = new String[options.length + 3];
        args[0] = "run";
        System.arraycopy(options, 0, args, 1, options.length);
        args[options.length + 1] = url;
        args[options.length + 2] = script.toString();
        return Main.run(new PrintWriter(text, true), args);
    }
}
