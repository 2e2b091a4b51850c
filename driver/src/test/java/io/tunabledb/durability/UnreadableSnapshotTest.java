package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot that would not come back as it was does not count: the log stays, its users are told, and the next good one ends it. */
class UnreadableSnapshotTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int NODES = 3;

    @TempDir
    Path directory;

    private int rows;

    private void writeUntil(Statement statement, boolean isBroken) {
        await().atMost(PATIENCE).until(() -> {
            statement.execute("INSERT INTO T VALUES (" + rows++ + ", REPEAT('x', 2000))");
            return errors(statement).size() == (isBroken ? NODES : 0);
        });
    }

    private static List<String> errors(Statement statement) throws SQLException {
        List<String> errors = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(
                "SELECT SNAPSHOT_ERROR FROM TUNABLE.REPLICAS WHERE SNAPSHOT_ERROR IS NOT NULL")) {
            while (rows.next()) {
                errors.add(rows.getString(1));
            }
        }
        return errors;
    }

    /** What no definition makes, and no snapshot brings back. */
    private static void damage(Connection connection, String sql) throws SQLException {
        EmbeddedCluster nodes = connection.unwrap(TunableConnection.class).cluster();
        for (int node = 1; node <= NODES; node++) {
            nodes.damage(node, sql);
        }
    }

    @Test
    void theLogStaysUntilOneIsGood() throws Exception {
        String url = "jdbc:tunable:file:" + directory.resolve("db")
                + "?electionTimeout=3000&consistencyTimeout=30000&snapshotAfter=4096";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)");
            damage(connection, "CREATE ALIAS LOST FOR \"java.lang.Math.abs(int)\"");
            writeUntil(statement, true);
            assertThat(errors(statement))
                    .allSatisfy(error -> assertThat(error).contains("would not be restored as it was", "LOST"));
        }
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            try (ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM T")) {
                count.next();
                assertThat(count.getInt(1)).as("from the log alone").isEqualTo(rows);
            }
            writeUntil(statement, false);
            damage(connection, "CREATE ALIAS LOST FOR \"java.lang.Math.abs(int)\"");
            writeUntil(statement, true);
            damage(connection, "DROP ALIAS LOST");
            writeUntil(statement, false);
        }
    }
}
