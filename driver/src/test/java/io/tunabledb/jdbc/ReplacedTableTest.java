package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ALTER TABLE replaces a table by a copy. H2 brings those views up to date that have the table in their own FROM; one that reads
 * it elsewhere goes on with the old rows, until another session, another replica or the next opening reads it anew.
 */
class ReplacedTableTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT MAX(N) AS M FROM A",
                "SELECT (SELECT MAX(N) FROM A) AS M",
                "SELECT M FROM (SELECT MAX(N) AS M FROM A) S",
                "SELECT C AS M FROM SYSTEM_RANGE(1, 1) LEFT JOIN (SELECT (SELECT MAX(N) FROM A) AS C) ON TRUE",
                "SELECT MAX(X) AS M FROM SYSTEM_RANGE(1, 100) WHERE X IN (SELECT N FROM A)",
                "SELECT MAX(X) AS M FROM SYSTEM_RANGE(1, 100) R WHERE EXISTS (SELECT 1 FROM A WHERE N = R.X)",
                "WITH C(M) AS (SELECT MAX(N) FROM A) SELECT M FROM C",
                "SELECT MAX(M) AS M FROM (SELECT 0 AS M UNION ALL SELECT N FROM A) S",
                "SELECT CASE WHEN TRUE THEN (SELECT MAX(N) FROM A) END AS M",
                "SELECT M FROM INNER_VIEW"
            })
    void aViewReadsTheNewOne(String query) throws SQLException {
        String url = "jdbc:tunable:file:" + directory.resolve("db");
        try (Connection one = DriverManager.getConnection(url);
                Connection other = DriverManager.getConnection(url);
                Statement statement = one.createStatement()) {
            statement.execute("CREATE TABLE A(N INT NOT NULL)");
            statement.execute("INSERT INTO A VALUES (5)");
            statement.execute("CREATE VIEW INNER_VIEW AS SELECT (SELECT MAX(N) FROM A) AS M");
            statement.execute("CREATE VIEW V AS " + query);
            assertThat(read(one)).isEqualTo(5);
            assertThat(read(other)).isEqualTo(5);
            int largest = 5;
            for (String change : new String[] {
                "ADD COLUMN K INT",
                "ALTER COLUMN K SET DATA TYPE VARCHAR",
                "ADD CONSTRAINT P PRIMARY KEY(N)",
                "DROP COLUMN K"
            }) {
                statement.execute("ALTER TABLE A " + change);
                statement.execute("INSERT INTO A(N) VALUES (" + ++largest + ")");
                assertThat(read(one)).as(change).isEqualTo(largest);
                assertThat(read(other)).as(change + ", another session").isEqualTo(largest);
            }
            try (ResultSet replicas = statement.executeQuery("CHECK REPLICAS")) {
                while (replicas.next()) {
                    assertThat(replicas.getBoolean("SAME")).isTrue();
                }
            }
        }
        try (Connection again = DriverManager.getConnection(url)) {
            assertThat(read(again)).as("opened again").isEqualTo(9);
        }
    }

    /** H2 lets it be altered, since it doesn't know that the default depends on it. */
    @Test
    void aDefaultThatReadsSuchAViewDoesToo() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:tunable:mem:replaced");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE A(N INT)");
            statement.execute("INSERT INTO A VALUES (5)");
            statement.execute("CREATE VIEW V AS SELECT (SELECT MAX(N) FROM A) AS M");
            statement.execute("CREATE TABLE D(ID INT, M INT DEFAULT (SELECT MAX(M) FROM V))");
            statement.execute("INSERT INTO D(ID) VALUES (5)");
            for (int n = 6; n < 9; n++) {
                statement.execute("ALTER TABLE A ADD COLUMN C" + n + " INT");
                statement.execute("INSERT INTO A(N) VALUES (" + n + ")");
                statement.execute("INSERT INTO D(ID) VALUES (" + n + ")");
            }
            try (ResultSet rows =
                    statement.executeQuery("SELECT COUNT(*), COUNT(CASE WHEN ID = M THEN 1 END) FROM D")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(4);
                assertThat(rows.getInt(2)).isEqualTo(4);
            }
        }
    }

    private static int read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT M FROM V WITH CONSISTENCY LINEARIZABLE")) {
            row.next();
            return row.getInt(1);
        }
    }
}
