package io.tunabledb.engine.h2.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.Writer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A query that an index covers shows what was written, also where that is equal to what was there and looks different. */
final class IndexEntriesTest {
    private static final String COVERED = "SELECT V, I FROM T USE INDEX(X) ORDER BY I";
    private static final String ROWS = "SELECT V, I FROM T USE INDEX() ORDER BY I";

    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        VARCHAR_IGNORECASE        | 'AB'                                        | 'aB'
        VARCHAR_IGNORECASE ARRAY  | ARRAY['AB', NULL]                           | ARRAY['aB', NULL]
        ROW(A INT, B VARCHAR_IGNORECASE) | ROW(1, 'AB')                         | ROW(1, 'aB')
        TIMESTAMP WITH TIME ZONE  | TIMESTAMP WITH TIME ZONE '2024-01-01 10:00:00+02' | TIMESTAMP WITH TIME ZONE '2024-01-01 09:00:00+01'
        TIME WITH TIME ZONE       | TIME WITH TIME ZONE '10:00:00+02'           | TIME WITH TIME ZONE '09:00:00+01'
        TIME WITH TIME ZONE ARRAY | ARRAY[TIME WITH TIME ZONE '10:00:00+02']    | ARRAY[TIME WITH TIME ZONE '09:00:00+01']
        CHAR(5)                   | 'ab'                                        | 'ab  '
        NUMERIC(10, 3)            | 1.0                                         | 1.00
        DECFLOAT                  | 1.0                                         | 1.00
        DECFLOAT                  | 1E3                                         | 1000
        DOUBLE PRECISION          | 0.0E0                                       | -0.0E0
        JSON                      | JSON '{"a":1,"b":2}'                        | JSON '{"b":2,"a":1}'
        """)
    void showsTheNewValueOfEachType(String type, String before, String after) throws Exception {
        for (String index : List.of("INDEX X ON T(V, I)", "INDEX X ON T(V DESC, I)", "UNIQUE INDEX X ON T(V, I)")) {
            replicas.defined("CREATE TABLE T(I INT PRIMARY KEY, V " + type + ")", "CREATE " + index);
            replicas.write("INSERT INTO T VALUES (1, " + before + "), (2, NULL), (3, " + before + ")");
            replicas.write("UPDATE T SET V = " + after + " WHERE I = 1");
            assertShown();
            replicas.write("UPDATE T SET V = " + after + " WHERE I > 2", "UPDATE T SET V = " + before + " WHERE I = 1");
            assertShown();
            replicas.write("UPDATE T SET V = " + after);
            assertShown();
            replicas.write("UPDATE T SET V = NULL WHERE I = 1", "DELETE FROM T WHERE I = 3");
            assertShown();
            replicas.defined("DROP TABLE T");
        }
    }

    /** Every statement that can change a row. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE T SET V = 'aB'",
                "UPDATE T SET V = 'aB' WHERE V = 'ab'",
                "UPDATE T SET (V, W) = ('aB', 2) WHERE I = 1",
                "UPDATE T SET V = LOWER(V)",
                "MERGE INTO T(I, V) KEY(I) VALUES (1, 'aB')",
                "MERGE INTO T USING (VALUES (1, 'aB')) S(I, V) ON T.I = S.I WHEN MATCHED THEN UPDATE SET V = S.V",
                "DELETE FROM T WHERE I = 1; INSERT INTO T VALUES (1, 'aB', 1)",
                "UPDATE P SET V = 'aB'",
                "MERGE INTO P(V, N) KEY(V) VALUES ('aB', 7)",
                "SELECT V FROM FINAL TABLE (UPDATE T SET V = 'aB')",
                "SELECT V FROM OLD TABLE (UPDATE T SET V = 'aB')"
            })
    void showsWhatEveryStatementWrote(String statement) throws Exception {
        replicas.defined(
                "CREATE TABLE P(V VARCHAR_IGNORECASE PRIMARY KEY, N INT)",
                "CREATE TABLE T(I INT PRIMARY KEY, V VARCHAR_IGNORECASE REFERENCES P ON UPDATE CASCADE, W INT DEFAULT 1)",
                "CREATE INDEX X ON T(V, I)");
        replicas.write("INSERT INTO P VALUES ('AB', 1)", "INSERT INTO T(I, V) VALUES (1, 'AB'), (2, 'AB')");
        replicas.write(statement.split("; "));
        assertShown();
        assertThat(Replicas.rows(replicas.leader, "SELECT V FROM P WHERE V > 'a'"))
                .isEqualTo(Replicas.rows(replicas.leader, "SELECT V FROM P USE INDEX()"));
        assertThat(Replicas.rows(replicas.leader, "SELECT V FROM T USE INDEX(X)")
                                .toString()
                        + Replicas.rows(replicas.leader, "SELECT V FROM P"))
                .containsPattern("aB|ab");
        replicas.write("DELETE FROM T", "DELETE FROM P");
        assertThat(rows(COVERED)).isEmpty();
    }

    @Test
    void showsItInTheSameTransactionAndAfterItWasTakenBack() throws Exception {
        replicas.defined("CREATE TABLE T(I INT PRIMARY KEY, V VARCHAR_IGNORECASE)", "CREATE INDEX X ON T(V, I)");
        replicas.write("INSERT INTO T VALUES (1, 'AB'), (2, 'cd')");
        try (Writer writer = replicas.leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            writer.connection().setAutoCommit(false);
            statement.execute("UPDATE T SET V = 'aB' WHERE I = 1");
            assertThat(values(statement)).containsExactly("aB", "cd");
            statement.execute("SAVEPOINT S");
            statement.execute("UPDATE T SET V = 'Ab' WHERE I = 1");
            statement.execute("UPDATE T SET V = 'CD' WHERE I = 2");
            statement.execute("UPDATE T SET V = 'ab' WHERE I = 1");
            assertThat(values(statement)).containsExactly("ab", "CD");
            // others see what is committed
            assertThat(rows(COVERED)).isEqualTo(List.of(List.of("AB", "1"), List.of("cd", "2")));
            statement.execute("ROLLBACK TO SAVEPOINT S");
            assertThat(values(statement)).containsExactly("aB", "cd");
            replicas.commit(writer);
        }
        assertShown();
        assertThat(rows(COVERED)).isEqualTo(List.of(List.of("aB", "1"), List.of("cd", "2")));
    }

    /** They are unique as before: equal is equal, whatever it looks like. */
    @Test
    void keepsWhatIsUnique() throws Exception {
        replicas.defined(
                "CREATE TABLE T(I INT PRIMARY KEY, V VARCHAR_IGNORECASE UNIQUE, Z TIMESTAMP WITH TIME ZONE UNIQUE)",
                "CREATE INDEX X ON T(V, I)");
        replicas.write("INSERT INTO T VALUES (1, 'AB', '2024-01-01 10:00:00+02'), (2, 'cd', NULL)");
        for (String duplicate : List.of(
                "INSERT INTO T(I, V) VALUES (3, 'ab')",
                "INSERT INTO T(I, Z) VALUES (3, '2024-01-01 09:00:00+01')",
                "UPDATE T SET V = 'Ab' WHERE I = 2",
                "UPDATE T SET V = 'x'")) {
            assertThat(failure(duplicate)).as(duplicate).isEqualTo("23505");
        }
        replicas.write("UPDATE T SET V = CASE I WHEN 1 THEN 'CD' ELSE 'ab' END");
        assertShown();
        replicas.write("UPDATE T SET Z = '2024-01-01 09:00:00+01' WHERE I = 1");
        assertThat(rows("SELECT CAST(Z AS VARCHAR) FROM T WHERE Z IS NOT NULL"))
                .isEqualTo(List.of(List.of("2024-01-01 09:00:00+01")));
    }

    /** Low selectivity makes H2 take what is DISTINCT from the index alone. */
    @Test
    void showsItInDistinctMinimumAndMaximum() throws Exception {
        replicas.defined("CREATE TABLE T(I INT PRIMARY KEY, V VARCHAR_IGNORECASE)", "CREATE INDEX X ON T(V, I)");
        replicas.write("INSERT INTO T SELECT X, 'AB' FROM SYSTEM_RANGE(1, 500)");
        replicas.defined("ANALYZE");
        replicas.write("UPDATE T SET V = 'aB'");
        for (String query : List.of("SELECT DISTINCT V FROM T", "SELECT MIN(V) FROM T", "SELECT MAX(V) FROM T")) {
            assertThat(rows(query)).as(query).isEqualTo(List.of(List.of("aB")));
        }
    }

    @Test
    void showsItWhereTheIndexIsMadeOrTheTableChangedLater() throws Exception {
        replicas.defined("CREATE TABLE T(I INT PRIMARY KEY, V VARCHAR(10))");
        replicas.write("INSERT INTO T VALUES (1, 'AB'), (2, 'AB')");
        replicas.defined("CREATE INDEX X ON T(V, I)", "ALTER TABLE T ALTER COLUMN V SET DATA TYPE VARCHAR_IGNORECASE");
        replicas.write("UPDATE T SET V = 'aB' WHERE I = 1");
        assertShown();
        replicas.defined("ALTER TABLE T ADD COLUMN W INT BEFORE V");
        replicas.write("UPDATE T SET V = 'Ab'");
        assertShown();
        replicas.failOver();
        replicas.write("UPDATE T SET V = 'ab' WHERE I = 2");
        assertShown();
        replicas.defined("ALTER TABLE T ALTER COLUMN V SET DATA TYPE VARCHAR(5)", "DROP INDEX X");
        replicas.defined("CREATE INDEX X ON T(V, I)");
        replicas.write("UPDATE T SET V = 'AB'");
        assertShown();
    }

    private static List<String> values(Statement statement) throws SQLException {
        List<String> values = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(COVERED)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    private String failure(String sql) {
        try {
            replicas.write(sql);
            return "none";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    private List<List<Object>> rows(String sql) throws SQLException {
        return Replicas.rows(replicas.leader, sql);
    }

    /** On both replicas the index has what the table has, and a replica that is restored from a snapshot has the same. */
    private void assertShown() throws Exception {
        for (Storage storage : List.of(replicas.leader, replicas.follower)) {
            assertThat(Replicas.rows(storage, COVERED)).isEqualTo(Replicas.rows(storage, ROWS));
        }
        assertThat(Replicas.rows(replicas.leader, COVERED)).isEqualTo(Replicas.rows(replicas.follower, COVERED));
        replicas.assertSame();
        replicas.reloadFollower();
        assertThat(Replicas.rows(replicas.leader, COVERED)).isEqualTo(Replicas.rows(replicas.follower, COVERED));
    }
}
