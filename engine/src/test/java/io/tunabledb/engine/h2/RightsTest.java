package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session's H2 user may do, should the grammar ever let such a statement through. */
final class RightsTest {
    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE ALIAS F AS 'int f() { return 1; }'",
                "CREATE AGGREGATE A FOR \"x.Y\"",
                "CREATE TRIGGER TR BEFORE INSERT ON T FOR EACH ROW CALL \"x.Y\"",
                "CREATE LINKED TABLE L('', 'jdbc:h2:mem:x', '', '', 'T')",
                "CREATE TABLE N(I INT)",
                "CREATE VIEW V AS SELECT 1",
                "CREATE SEQUENCE S",
                "CREATE INDEX IX ON T(I)",
                "CREATE SCHEMA S",
                "CREATE USER U PASSWORD 'x'",
                "ALTER USER WRITER ADMIN TRUE",
                "ALTER TABLE T ADD COLUMN J INT",
                "DROP TABLE T",
                "DROP ALL OBJECTS",
                "GRANT ALL ON SCHEMA PUBLIC TO WRITER",
                "RUNSCRIPT FROM '/tmp/x.sql'",
                "SCRIPT",
                "SCRIPT TO '/tmp/x.sql'",
                "BACKUP TO '/tmp/x.zip'",
                "CALL FILE_READ('/etc/passwd')",
                "CALL FILE_WRITE('x', '/tmp/x')",
                "SELECT * FROM CSVREAD('/etc/passwd')",
                "CALL CSVWRITE('/tmp/x.csv', 'SELECT 1')",
                "CALL LINK_SCHEMA('X', '', 'jdbc:h2:mem:x', '', '', 'PUBLIC')",
                "SET MODE MySQL",
                "SET REFERENTIAL_INTEGRITY FALSE",
                "SET DEFAULT_LOCK_TIMEOUT 5",
                "SET EXCLUSIVE 1",
                "SET TRACE_LEVEL_FILE 4",
                "SHUTDOWN",
                "CHECKPOINT",
                "ANALYZE",
                "SELECT * FROM TUNABLE_INTERNAL.LEDGER",
                "SELECT * FROM TUNABLE_INTERNAL.SETTINGS",
                "DELETE FROM TUNABLE_INTERNAL.LEDGER",
                "INSERT INTO TUNABLE_INTERNAL.SETTINGS VALUES('a', 'b')",
            })
    void restrictedUsersAreDenied(String sql) throws Exception {
        replicas.defined("CREATE TABLE T(I INT)");
        try (Connection reader = replicas.leader.openReader();
                Writer writer = replicas.leader.openWriter()) {
            assertDenied(reader, sql);
            assertDenied(writer.connection(), sql);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO T VALUES(1)",
                "UPDATE T SET I = 1",
                "DELETE FROM T",
                "MERGE INTO T KEY(I) VALUES(1)",
                "TRUNCATE TABLE T",
                "SELECT * FROM FINAL TABLE (INSERT INTO T VALUES(1))",
            })
    void aReaderOnlySelects(String sql) throws Exception {
        replicas.defined("CREATE TABLE T(I INT)");
        try (Connection reader = replicas.leader.openReader()) {
            assertDenied(reader, sql);
        }
    }

    private static void assertDenied(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .as(connection.getMetaData().getUserName() + ": " + sql)
                    .isInstanceOf(SQLException.class)
                    // not enough rights, admin rights required, not found
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isIn("90096", "90040", "42S02", "42S04", "90050");
        }
    }

    @Test
    void newSchemasAndTablesAreCovered() throws Exception {
        try (Connection reader = replicas.follower.openReader();
                Statement read = reader.createStatement();
                Writer writer = replicas.leader.openWriter();
                Statement write = writer.connection().createStatement()) {
            replicas.defined("CREATE SCHEMA S", "CREATE TABLE S.T(I INT)", "CREATE VIEW S.V AS SELECT * FROM S.T");
            write.execute("INSERT INTO S.T VALUES(1)");
            replicas.commit(writer);
            assertThat(read.executeQuery("SELECT * FROM S.V").next()).isTrue();
            replicas.defined("DROP SCHEMA S CASCADE", "CREATE SCHEMA S", "CREATE TABLE S.T(I INT)");
            assertThat(read.executeQuery("SELECT * FROM S.T").next()).isFalse();
            replicas.reloadFollower();
            assertThat(Replicas.rows(replicas.follower, "SELECT * FROM S.T")).isEmpty();
        }
    }

    @Test
    void metadataShowsUserTables() throws Exception {
        replicas.defined(
                "CREATE SCHEMA S",
                "CREATE TABLE S.T(I INT PRIMARY KEY, V VARCHAR(10) UNIQUE)",
                "CREATE TABLE C(P INT REFERENCES S.T)");
        try (Connection reader = replicas.leader.openReader()) {
            DatabaseMetaData meta = reader.getMetaData();
            assertThat(column(meta.getTables(null, "PUBLIC", "%", null), "TABLE_NAME"))
                    .containsExactly("C");
            assertThat(column(meta.getTables(null, "S", "%", null), "TABLE_NAME"))
                    .containsExactly("T");
            assertThat(column(meta.getSchemas(), "TABLE_SCHEM")).contains("PUBLIC", "S");
            assertThat(column(meta.getColumns(null, "S", "%", "%"), "COLUMN_NAME"))
                    .containsExactly("I", "V");
            assertThat(column(meta.getPrimaryKeys(null, "S", "T"), "COLUMN_NAME"))
                    .containsExactly("I");
            assertThat(column(meta.getImportedKeys(null, "PUBLIC", "C"), "PKTABLE_NAME"))
                    .containsExactly("T");
            assertThat(column(meta.getIndexInfo(null, "S", "T", true, true), "COLUMN_NAME"))
                    .contains("I", "V");
        }
    }

    private static List<String> column(ResultSet result, String name) throws SQLException {
        List<String> values = new ArrayList<>();
        while (result.next()) {
            values.add(result.getString(name));
        }
        return values;
    }
}
