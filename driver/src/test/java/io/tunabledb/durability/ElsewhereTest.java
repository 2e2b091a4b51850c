package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions that are applied again in a JVM of another locale, time zone and encoding come to what they came to. */
class ElsewhereTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    @Test
    void whatADefinitionComputedIsComputedAgainAnywhere() throws Exception {
        String url = "jdbc:tunable:file:" + directory.resolve("db") + "?electionTimeout=3000&consistencyTimeout=30000"
                + "&definitionTimeout=60000";
        List<String> options = List.of(
                "-Xmx256m",
                "-Duser.language=ar",
                "-Duser.country=EG",
                "-Duser.timezone=Asia/Tokyo",
                "-Dfile.encoding=ISO-8859-1");
        List<String> before = new ArrayList<>();
        try (ChildJvm child = ChildJvm.start(Elsewhere.class, options, List.of(url), line -> {
            if (line.startsWith("ROW ")) {
                before.add(line.substring("ROW ".length()));
            }
        })) {
            child.await("ROWS", PATIENCE);
            child.awaitExit(PATIENCE);
        }
        assertThat(before).hasSize(3);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            assertThat(Elsewhere.rows(statement)).isEqualTo(before);
            try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
                while (rows.next()) {
                    assertThat(rows.getBoolean("SAME")).isTrue();
                }
            }
        }
    }
}
