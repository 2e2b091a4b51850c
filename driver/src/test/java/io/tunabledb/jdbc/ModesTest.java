package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H2's compatibility modes: the same of this driver, on one shard and on two, as of H2's own. */
class ModesTest {
    private static final List<String> POSTGRESQL = List.of(
            "CREATE TABLE t(id SERIAL PRIMARY KEY, n TEXT, j JSONB, u UUID DEFAULT gen_random_uuid(), b BYTEA)",
            "INSERT INTO t(n) VALUES ('a') ON CONFLICT DO NOTHING",
            "INSERT INTO t(id, n) VALUES (1, 'a') ON CONFLICT DO NOTHING",
            "SELECT id, n::VARCHAR FROM t ORDER BY id LIMIT 1 OFFSET 0",
            "SELECT id FROM t WHERE n ILIKE 'A%'",
            "CREATE INDEX ti ON t USING BTREE (n)",
            "SELECT COUNT(*) > 0 FROM pg_catalog.pg_class",
            "UPDATE t SET n = x.n FROM (VALUES (1, 'q')) x(id, n) WHERE t.id = x.id",
            "SELECT n FROM t ORDER BY id",
            "CREATE TABLE bs(id BIGSERIAL PRIMARY KEY, d DOUBLE PRECISION, ts TIMESTAMPTZ)",
            "INSERT INTO bs(d) VALUES (1), (2)",
            "SELECT id FROM bs ORDER BY 1",
            "ALTER TABLE bs ADD COLUMN z TEXT DEFAULT 'z'",
            "SELECT z FROM bs",
            "SET search_path TO public",
            "SELECT LOG(100), GREATEST(1, NULL, 3)",
            "TRUNCATE TABLE bs RESTART IDENTITY",
            "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'MODE'",
            "INSERT INTO t VALUES (5) ON DUPLICATE KEY UPDATE n = 'x'");
    private static final List<String> MYSQL = List.of(
            "CREATE TABLE `t`(`id` INT AUTO_INCREMENT PRIMARY KEY, n VARCHAR(10), c INT DEFAULT 0, KEY `k`(n),"
                    + " UNIQUE KEY `uk`(c)) ENGINE=InnoDB DEFAULT CHARSET=utf8",
            "CREATE TABLE s(id INT PRIMARY KEY, n VARCHAR(9), c INT)",
            "INSERT INTO s VALUES (1, 'a', 1) ON DUPLICATE KEY UPDATE c = c + 1",
            "INSERT INTO s VALUES (1, 'a', 1) ON DUPLICATE KEY UPDATE c = c + 1, n = VALUES(n)",
            "INSERT IGNORE INTO s VALUES (1, 'b', 3), (2, 'x', 3)",
            "REPLACE INTO s VALUES (1, 'r', 9)",
            "REPLACE INTO s(id, n) VALUES (5, 'r')",
            "SELECT * FROM s ORDER BY id LIMIT 1, 2",
            "INSERT INTO s SET id = 8, n = 'set'",
            "SELECT CONCAT('a', 1), IFNULL(NULL, 2), DATE_FORMAT(DATE '2020-01-02', '%Y')",
            "ALTER TABLE s MODIFY COLUMN n VARCHAR(20)",
            "ALTER TABLE s CHANGE COLUMN n m VARCHAR(20)",
            "UPDATE s SET m = 'l' WHERE id = 1 LIMIT 1",
            "DELETE FROM s WHERE id = 2 LIMIT 1",
            "SELECT * FROM `s` ORDER BY 1",
            "SHOW TABLES",
            "SELECT GROUP_CONCAT(id ORDER BY id SEPARATOR '-') FROM s",
            "SET NAMES utf8");
    private static final List<String> ORACLE = List.of(
            "CREATE TABLE t(id NUMBER(10) PRIMARY KEY, n VARCHAR2(10), d DATE DEFAULT SYSDATE)",
            "INSERT INTO t(id, n) VALUES (1, '')",
            "SELECT id FROM t WHERE n IS NULL",
            "SELECT id FROM t WHERE ROWNUM <= 1",
            "SELECT id FROM t MINUS SELECT 2 FROM DUAL",
            "CREATE SEQUENCE sq",
            "SELECT sq.NEXTVAL FROM DUAL",
            "MERGE INTO t USING (SELECT 2 id FROM DUAL) s ON (t.id = s.id)"
                    + " WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, 'm')",
            "SELECT NVL(n, 'z') FROM t ORDER BY id",
            "SELECT TO_DATE('2020-01-02', 'YYYY-MM-DD') FROM DUAL",
            "DROP TABLE t CASCADE CONSTRAINTS");
    private static final List<String> ANY = List.of(
            "CREATE TABLE t(id INT PRIMARY KEY, n VARCHAR(10))",
            "INSERT INTO t VALUES (1, 'a'), (2, NULL)",
            "SELECT id FROM t ORDER BY n, id",
            "UPDATE t SET n = 'b' WHERE id = 2",
            "CREATE VIEW v AS SELECT n FROM t",
            "ALTER TABLE t ADD COLUMN x INT DEFAULT 4",
            "SELECT x FROM t ORDER BY id",
            "SELECT * FROM v ORDER BY 1",
            "SELECT 1 FROM SYSIBM.SYSDUMMY1",
            "DROP TABLE t CASCADE");

    private static List<String> run(String url, List<String> texts) throws SQLException {
        List<String> answers = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String sql : texts) {
                answers.add(sql + " -> " + answer(statement, sql));
            }
        }
        return answers;
    }

    private static String answer(Statement statement, String sql) {
        try {
            if (!statement.execute(sql)) {
                return String.valueOf(statement.getUpdateCount());
            }
            StringBuilder rows = new StringBuilder();
            try (ResultSet found = statement.getResultSet()) {
                while (found.next()) {
                    for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                        rows.append(found.getString(i)).append(' ');
                    }
                    rows.append('|');
                }
            }
            return rows.toString();
        } catch (SQLException e) {
            // which of its two syntax errors H2 takes depends on what stands before
            return e.getSQLState().startsWith("420") ? "42" : e.getSQLState();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PostgreSQL", "MySQL", "Oracle", "MSSQLServer", "DB2", "STRICT"})
    void aModeIsAsInH2(String mode) throws SQLException {
        List<String> texts = switch (mode) {
            case "PostgreSQL" -> POSTGRESQL;
            case "MySQL" -> MYSQL;
            case "Oracle" -> ORACLE;
            default -> ANY;
        };
        List<String> expected = run("jdbc:h2:mem:mode" + mode + ";MODE=" + mode, texts);
        String url = Urls.unique();
        String one =
                url.replace("?", ";MODE=" + mode + ";DB_CLOSE_ON_EXIT=FALSE?").replace("replicas=3", "replicas=1");
        assertThat(run(one, texts)).isEqualTo(expected);
        if (!texts.equals(ANY)) {
            assertThat(run(Urls.unique().replace("replicas=3", "replicas=1&shards=2&mode=" + mode), texts))
                    .isEqualTo(expected);
        }
    }

    @Test
    void theModeIsFixedAtCreation(@TempDir Path folder) throws SQLException {
        String url = "jdbc:tunable:file:" + folder.resolve("d");
        try (Connection connection = DriverManager.getConnection(url + ";MODE=PostgreSQL;DEFAULT_NULL_ORDERING=HIGH");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t(id SERIAL PRIMARY KEY, n TEXT)");
            statement.execute("CREATE VIEW v AS SELECT n::VARCHAR AS n FROM t");
            statement.execute("INSERT INTO t(n) VALUES ('a'), (NULL)");
            assertThatThrownBy(() -> DriverManager.getConnection(url + ";MODE=MySQL"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContainingAll("mode=PostgreSQL", "mode=MySQL");
            DriverManager.getConnection(url).close();
        }
        assertThatThrownBy(() -> DriverManager.getConnection(url + "?mode=MySQL"))
                .isInstanceOf(SQLException.class)
                .hasMessageContainingAll("mode=PostgreSQL", "mode=MySQL");
        assertThatThrownBy(() -> DriverManager.getConnection(url + "?defaultNullOrdering=LOW"))
                .isInstanceOf(SQLException.class)
                .hasMessageContainingAll("defaultNullOrdering=HIGH", "defaultNullOrdering=LOW");
        // from the snapshot that the close took
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            assertThat(answer(statement, "SELECT n FROM v ORDER BY n")).isEqualTo("a |null |");
            assertThat(answer(statement, "INSERT INTO t(n) VALUES ('b') ON CONFLICT DO NOTHING"))
                    .isEqualTo("1");
            assertThat(answer(statement, "ALTER TABLE t ADD COLUMN j JSONB")).isEqualTo("0");
        }
    }

    @Test
    void aConnectionBeginsWithWhatItsUrlSays() throws SQLException {
        String order = Urls.unique().replace("?", ";INIT=CREATE SCHEMA IF NOT EXISTS A\\;SET SCHEMA A?");
        for (int i = 0; i < 2; i++) {
            try (Connection connection = DriverManager.getConnection(order);
                    Statement statement = connection.createStatement()) {
                assertThat(connection.getSchema()).isEqualTo("A");
                assertThat(answer(statement, "CREATE TABLE IF NOT EXISTS T(N INT)"))
                        .isEqualTo("0");
                assertThat(answer(statement, "SELECT COUNT(*) FROM A.T")).isEqualTo("0 |");
            }
        }
        String words = Urls.unique().replace("?", ";NON_KEYWORDS=VALUE;USER=clerk;LOCK_TIMEOUT=77?");
        try (Connection connection = DriverManager.getConnection(words);
                Statement statement = connection.createStatement()) {
            assertThat(answer(statement, "CREATE TABLE T(VALUE INT)")).isEqualTo("0");
            assertThat(answer(statement, "SELECT CURRENT_USER, LOCK_TIMEOUT()")).isEqualTo("CLERK 77 |");
        }
        assertThatThrownBy(() -> DriverManager.getConnection(Urls.unique().replace("?", ";INIT=SELEC 1?")))
                .isInstanceOf(SQLException.class)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("42001");
    }

    @Test
    void aDatabaseThatMustExistIsNotMade(@TempDir Path folder) throws SQLException {
        String url = "jdbc:tunable:file:" + folder.resolve("d");
        String mem = Urls.unique().replace("?", ";IFEXISTS=TRUE?");
        for (String absent : List.of(url + ";IFEXISTS=TRUE", url + "?ifExists=true", mem)) {
            assertThatThrownBy(() -> DriverManager.getConnection(absent))
                    .isInstanceOf(SQLException.class)
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("90146");
        }
        assertThat(folder).isEmptyDirectory();
        DriverManager.getConnection(url + "?replicas=1").close();
        DriverManager.getConnection(url + ";IFEXISTS=TRUE?replicas=1").close();
    }
}
