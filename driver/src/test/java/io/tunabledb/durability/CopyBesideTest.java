package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.TunableConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of a database's directory, a template for tests or a backup, is open beside its original in one JVM. */
class CopyBesideTest {
    @TempDir
    Path directory;

    @Test
    void theOriginalGoesOnWhenItsCopiesAreClosed() throws Exception {
        Path original = directory.resolve("original");
        try (Connection created = open(original)) {
            run(created, "CREATE TABLE T(ID INT PRIMARY KEY)");
        }
        Path one = directory.resolve("one");
        Path two = directory.resolve("two");
        Folders.copy(original, one);
        Folders.copy(original, two);
        try (Connection kept = open(original)) {
            try (Connection first = open(one);
                    Connection second = open(two)) {
                run(kept, "INSERT INTO T VALUES (1)");
                run(first, "INSERT INTO T VALUES (2), (3)");
                run(second, "INSERT INTO T VALUES (4), (5), (6)");
                assertThat(rows(first)).isEqualTo(2);
                assertThat(rows(second)).isEqualTo(3);
            }
            // its leader needs them for the next write
            assertThat(kept.unwrap(TunableConnection.class).cluster().replicas())
                    .noneMatch(replica -> replica.role().equals("STOPPED"))
                    .allMatch(replica -> replica.failure() == null);
            run(kept, "INSERT INTO T VALUES (7)");
            assertThat(rows(kept)).isEqualTo(2);
            Acknowledged.replicas(kept.createStatement(), "beside its copies");
        }
        try (Connection first = open(one)) {
            assertThat(rows(first)).isEqualTo(2);
        }
    }

    private static Connection open(Path database) throws SQLException {
        return DriverManager.getConnection("jdbc:tunable:file:" + database + "?replicas=3");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int rows(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE")) {
            row.next();
            return row.getInt(1);
        }
    }
}
