package io.tunabledb.examples.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What somebody sees who types into the shell. */
class ShellTest {

    private static String type(String url, String... lines) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String typed = String.join("\n", lines) + "\n!quit\n";
        Shell.run(url, new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)), out, false);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void rowsReceiptsLevelsAndErrorsAreReadable() throws Exception {
        String shown = type(
                "jdbc:tunable:mem:shell",
                "CREATE TABLE T(ID INT PRIMARY KEY, NAME VARCHAR(20));",
                "INSERT INTO T VALUES (1, 'Ada');",
                "SELECT NAME FROM T WITH CONSISTENCY LINEARIZABLE WITHIN 2 SECONDS;",
                "SET CONSISTENCY = EVENTUAL;",
                "SELECT COUNT(*) FROM T;",
                "SHOW CONSISTENCY;",
                "EXPLAIN CONSISTENCY SELECT * FROM T;",
                "SELECT * FROM T WITH CONSISTENCY LINEARISABLE;",
                "SET CONSISTENCY DEFAULT;",
                "INSERT INTO T VALUES (1, 'Bob');");
        assertThat(shown)
                .contains("| Ada")
                .containsPattern("receipt: asked LINEARIZABLE WITHIN 2 SECONDS \\(CLAUSE\\), granted LINEARIZABLE"
                        + " WITHIN 2 SECONDS; n\\d (LEADER|FOLLOWER) at index \\d+")
                .containsPattern("receipt: asked EVENTUAL \\(SET CONSISTENCY\\)")
                .contains("negotiate")
                .containsPattern("Error: 1:\\d+.*LINEARIZABLE.*state=42001")
                .contains("state=23505");
        assertThat(shown.lines().filter(line -> line.startsWith("receipt:")))
                .as("one for each statement that touched data, and none twice: %s", shown)
                .hasSize(4);
    }

    @Test
    void aLaggingReplicaIsSeenByEventualAndNotByLinearizable() throws Exception {
        String url = "jdbc:tunable:mem:shelllag";
        try (Connection keeper = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            EmbeddedCluster nodes = keeper.unwrap(TunableConnection.class).cluster();
            statement.execute("CREATE TABLE T(NAME VARCHAR(20))");
            statement.execute("INSERT INTO T VALUES ('old') WITH CONSISTENCY LINEARIZABLE ACK ALL");
            int follower = nodes.leader() == 1 ? 2 : 1;
            nodes.cut(nodes.leader(), follower);
            statement.execute("UPDATE T SET NAME = 'new'");
            String shown = type(
                    url + "?home=" + follower,
                    "SELECT NAME FROM T WITH CONSISTENCY EVENTUAL;",
                    "SELECT NAME FROM T WITH CONSISTENCY LINEARIZABLE;");
            assertThat(shown.substring(0, shown.indexOf("asked LINEARIZABLE")))
                    .containsSubsequence("| old", "receipt: asked EVENTUAL", "| new");
        }
    }

    @Test
    void aUrlThatIsWrongSaysWhatIsKnown() throws Exception {
        assertThat(type("jdbc:tunable:mem:shell?colour=red", "SELECT 1;")).contains("colour", "consistencyTimeout");
    }
}
