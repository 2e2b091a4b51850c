package io.tunabledb.engine.h2.ddl.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.Definer;
import io.tunabledb.engine.h2.Replicas;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemaChangeTest {
    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE ALIAS F AS 'int f() { return 1; }'",
                "CREATE ALIAS F FOR \"java.lang.Math.abs\"",
                "CREATE AGGREGATE A FOR \"x.Y\"",
                "CREATE TRIGGER TR BEFORE INSERT ON FILLED FOR EACH ROW CALL \"x.Y\"",
                "CREATE LINKED TABLE L('', 'jdbc:h2:mem:x', '', '', 'T')",
                "CREATE USER U PASSWORD 'x'",
                "CREATE ROLE R",
                "GRANT ALL ON SCHEMA PUBLIC TO PUBLIC",
                "ALTER USER READER ADMIN TRUE",
                "RUNSCRIPT FROM '/tmp/x.sql'",
                "SCRIPT TO '/tmp/x.sql'",
                "BACKUP TO '/tmp/x.zip'",
                "SHUTDOWN",
                "SET MODE MySQL",
                "SET REFERENTIAL_INTEGRITY FALSE",
                "ALTER TABLE FILLED SET REFERENTIAL_INTEGRITY FALSE",
                "DROP ALL OBJECTS",
                "CALL 1",
                "SELECT 1",
                "INSERT INTO FILLED VALUES(9)",
                "COMMIT",
                "PREPARE COMMIT X",
                "CREATE VIEW V AS SELECT FILE_READ('/etc/passwd') X",
                "CREATE VIEW V AS SELECT * FROM CSVREAD('/etc/passwd')",
                "CREATE VIEW V AS SELECT \"FILE_READ\"('/etc/passwd') X",
                "CREATE MATERIALIZED VIEW V AS SELECT * FROM FILLED",
                "CREATE TABLE N ENGINE \"x.Y\"",
                "CREATE TABLE N(I INT) ENGINE \"x.Y\"",
                "CREATE LOCAL TEMPORARY TABLE N(I INT)",
                "CREATE TABLE N AS SELECT * FROM FILLED",
                "CREATE TABLE N(I INT) AS SELECT * FROM FILLED WITH DATA",
                "DROP SCHEMA TUNABLE_INTERNAL CASCADE",
                "DROP TABLE TUNABLE_INTERNAL.LEDGER",
                "CREATE VIEW V AS SELECT * FROM \"TUNABLE_INTERNAL\".LEDGER",
                "CREATE CONSTANT C VALUE RANDOM_UUID()",
                "CREATE SEQUENCE S START WITH (RAND() * 100)",
                "ALTER TABLE FILLED ADD COLUMN C UUID DEFAULT RANDOM_UUID()",
                "alter table if exists public.filled add column c uuid default random_uuid ()",
                "ALTER TABLE \"FILLED\" ADD COLUMN C INT DEFAULT RAND()",
                "ALTER TABLE FILLED ADD C VARBINARY DEFAULT SECURE_RAND(8)",
                "ALTER TABLE FILLED ADD (B INT, C TIMESTAMP DEFAULT CURRENT_TIMESTAMP(3))",
                "ALTER TABLE FILLED ADD C TIMESTAMP DEFAULT NOW()",
                "ALTER TABLE FILLED ADD C DATE DEFAULT CURRENT_DATE NOT NULL",
                "ALTER TABLE FILLED ADD C TIME DEFAULT LOCALTIME",
                "ALTER TABLE FILLED ADD C VARCHAR DEFAULT CURRENT_USER",
                "ALTER TABLE FILLED ADD C INT DEFAULT SESSION_ID()",
                "ALTER TABLE FILLED ADD C INT DEFAULT (NEXT VALUE FOR SEQ)",
                "ALTER TABLE FILLED ADD C DATE GENERATED ALWAYS AS (I + CURRENT_DATE)",
                "ALTER TABLE FILLED ADD C RANDOM_ID",
                "ALTER TABLE FILLED ALTER COLUMN I SET DATA TYPE INT USING RAND()",
                "ALTER TABLE FILLED ADD CHECK (I < EXTRACT(YEAR FROM CURRENT_DATE))",
            })
    void refuses(String sql) throws Exception {
        replicas.defined(
                "CREATE TABLE FILLED(I INT)",
                "CREATE SEQUENCE SEQ",
                "CREATE DOMAIN RANDOM_ID AS UUID DEFAULT RANDOM_UUID()");
        replicas.write("INSERT INTO FILLED VALUES(1)");
        SchemaChangeResult result = replicas.define(sql);
        assertThat(result.ok()).isFalse();
        assertThat(result.message()).isNotEmpty();
        // what does not even parse here gets H2's own error
        assertThat(result.sqlState()).matches("TC005|42.*|90.*|HY.*");
        assertThat(Replicas.rows(replicas.follower, "SELECT * FROM FILLED")).hasSize(1);
    }

    @Test
    void saysWhatToWriteInstead() throws Exception {
        replicas.defined("CREATE TABLE FILLED(I INT)");
        replicas.write("INSERT INTO FILLED VALUES(1)");
        assertThat(replicas.define("ALTER TABLE FILLED SET REFERENTIAL_INTEGRITY FALSE")
                        .message())
                .contains("ADD CONSTRAINT … NOCHECK");
        assertThat(replicas.define("ALTER TABLE FILLED ADD COLUMN C UUID DEFAULT RANDOM_UUID()"))
                .isEqualTo(new SchemaChangeResult(
                        false,
                        0,
                        "RANDOM_UUID is not the same on every replica, in column C: the table has rows, and each replica"
                                + " would fill in another value. Write ADD COLUMN without it, then UPDATE, then ALTER COLUMN … SET DEFAULT",
                        "TC005",
                        0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE EMPTIED ADD COLUMN C UUID DEFAULT RANDOM_UUID()",
                "ALTER TABLE EMPTIED ADD COLUMN C TIMESTAMP DEFAULT CURRENT_TIMESTAMP",
                "CREATE TABLE N(I UUID DEFAULT RANDOM_UUID(), T TIMESTAMP DEFAULT NOW() ON UPDATE NOW())",
                "CREATE TABLE N AS SELECT * FROM FILLED WITH NO DATA",
                "ALTER TABLE FILLED ADD COLUMN C UUID",
                "ALTER TABLE FILLED ADD COLUMN C VARCHAR DEFAULT 'NOW() CURRENT_DATE' /* RAND() */",
                "ALTER TABLE FILLED ADD COLUMN \"CURRENT_DATE\" INT DEFAULT 1",
                "ALTER TABLE FILLED ADD COLUMN C INT GENERATED ALWAYS AS IDENTITY",
                "ALTER TABLE FILLED ALTER COLUMN I SET DEFAULT 5",
                "ALTER TABLE FILLED ADD CHECK (I > 0)",
                "ALTER TABLE FILLED ADD CONSTRAINT PK PRIMARY KEY(I)",
                "ALTER TABLE FILLED RENAME TO OTHER",
                "CREATE INDEX IX ON FILLED(I)",
                "CREATE VIEW V AS SELECT I, CURRENT_DATE D FROM FILLED",
                "CREATE SCHEMA S2",
                "CREATE DOMAIN D AS INT CHECK (VALUE > 0)",
                "CREATE SYNONYM SY FOR FILLED",
                "CREATE CONSTANT C VALUE 5",
                "COMMENT ON TABLE FILLED IS 'full'",
                "TRUNCATE TABLE FILLED",
                "DROP TABLE FILLED",
                "DROP TABLE IF EXISTS NOTHING",
                "ALTER TABLE IF EXISTS NOTHING ADD COLUMN C INT",
            })
    void allows(String sql) throws Exception {
        replicas.defined("CREATE TABLE FILLED(I INT NOT NULL)", "CREATE TABLE EMPTIED(I INT)");
        replicas.write("INSERT INTO FILLED VALUES(1), (2), (3)", "DELETE FROM FILLED WHERE I = 2");
        replicas.defined(sql);
        replicas.assertSame();
        replicas.reloadFollower();
        replicas.assertSame();
    }

    @ParameterizedTest
    @CsvSource({
        "CREATE TABLE T(I INT), 42S01",
        "DROP TABLE NOTHING, 42S02",
        "SYNTAX ERROR, 42001",
        "'CREATE TABLE A(I INT); CREATE TABLE B(I INT)', 42000",
        "ALTER TABLE T ADD CONSTRAINT U UNIQUE(I), 23505",
        "ALTER TABLE T ALTER COLUMN V SET DATA TYPE INT, 22018",
    })
    void anSqlErrorIsTheResult(String sql, String sqlState) throws Exception {
        replicas.defined("CREATE TABLE T(I INT, V VARCHAR)");
        replicas.write("INSERT INTO T VALUES(1, 'x'), (1, 'y')");
        SchemaChangeResult result = replicas.define(sql);
        assertThat(result.ok()).isFalse();
        assertThat(result.sqlState()).startsWith(sqlState.substring(0, 2));
        replicas.write("INSERT INTO T VALUES(2, 'z')");
        replicas.assertSame();
    }

    @Test
    void identityOfExistingRowsFollowsTheirRowKeys() throws Exception {
        replicas.defined("CREATE TABLE T(V VARCHAR)");
        replicas.write("INSERT INTO T SELECT 'v' || X FROM SYSTEM_RANGE(1, 100)");
        replicas.write("DELETE FROM T WHERE V LIKE '%5%'");
        replicas.reloadFollower();
        replicas.defined("ALTER TABLE T ADD COLUMN ID BIGINT GENERATED BY DEFAULT AS IDENTITY");
        replicas.defined("ALTER TABLE T ADD PRIMARY KEY(ID)");
        replicas.assertSame();
        replicas.failOver();
        replicas.write("INSERT INTO T(V) VALUES('new')");
        replicas.assertSame();
        assertThat(Replicas.rows(replicas.follower, "SELECT ID FROM T WHERE V = 'new'"))
                .isEqualTo(List.of(List.of("82")));
    }

    @Test
    void keepsAPrimaryKeyThatIsNotTheRowKey() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT NOT NULL, V INT)");
        replicas.write("INSERT INTO T VALUES(10, 1), (20, 2)");
        replicas.defined("ALTER TABLE T ADD CONSTRAINT PK PRIMARY KEY(ID)");
        replicas.reloadFollower();
        replicas.write("INSERT INTO T VALUES(5, 3)");
        replicas.assertSame();
        replicas.write("DELETE FROM T");
        replicas.reloadFollower(); // and when it is empty
        replicas.write("INSERT INTO T VALUES(7, 7)");
        replicas.assertSame();
        replicas.failOver();
        replicas.write("INSERT INTO T VALUES(8, 8)", "UPDATE T SET ID = ID + 1");
        replicas.assertSame();
    }

    @Test
    void namesSurviveASnapshot() throws Exception {
        replicas.defined(
                "CREATE SCHEMA S",
                "CREATE TABLE S.P(ID INT PRIMARY KEY, A INT UNIQUE, B INT, UNIQUE(A, B))",
                "CREATE TABLE S.C(P INT REFERENCES S.P ON DELETE CASCADE, Q INT CHECK (Q > 0))",
                "CREATE INDEX S.IX ON S.C(Q DESC, P)",
                "CREATE UNIQUE INDEX S.UX ON S.C(Q)",
                "CREATE VIEW S.V1 AS SELECT * FROM S.P",
                "CREATE VIEW S.V2 AS SELECT * FROM S.V1",
                "ALTER TABLE S.P ADD COLUMN Z INT DEFAULT 3",
                "CREATE SYNONYM S.SY FOR S.P",
                "CREATE CONSTANT S.K VALUE 7",
                "CREATE TABLE S.D(X INT DEFAULT S.K, Y INT GENERATED ALWAYS AS (X * 2))",
                "COMMENT ON COLUMN S.P.Z IS 'it''s'",
                "COMMENT ON TABLE S.P IS 'parents'");
        replicas.write(
                "INSERT INTO S.P(ID, A, B) VALUES(1, 1, 1)",
                "INSERT INTO S.C VALUES(1, 1)",
                "INSERT INTO S.D(X) VALUES(4)");
        String catalog = "SELECT * FROM (SELECT 'I' K, INDEX_SCHEMA, INDEX_NAME, TABLE_NAME, INDEX_TYPE_NAME X"
                + " FROM INFORMATION_SCHEMA.INDEXES UNION ALL SELECT 'C', CONSTRAINT_SCHEMA, CONSTRAINT_NAME,"
                + " TABLE_NAME, CONSTRAINT_TYPE FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS UNION ALL"
                + " SELECT 'T', TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, REMARKS FROM INFORMATION_SCHEMA.TABLES"
                + " WHERE TABLE_SCHEMA = 'S' UNION ALL SELECT 'N', TABLE_SCHEMA, COLUMN_NAME, TABLE_NAME,"
                + " DATA_TYPE || COALESCE(COLUMN_DEFAULT, '') || COALESCE(REMARKS, '') FROM INFORMATION_SCHEMA.COLUMNS"
                + " WHERE TABLE_SCHEMA = 'S') ORDER BY 1, 2, 3, 4, 5";
        List<List<Object>> before = Replicas.rows(replicas.follower, catalog);
        assertThat(Replicas.rows(replicas.leader, catalog)).isEqualTo(before);
        replicas.reloadFollower();
        assertThat(Replicas.rows(replicas.follower, catalog)).isEqualTo(before);
        assertThat(before.toString()).contains("UX", "V2", "it's", "parents", "PRIMARY");
        replicas.defined(
                "DROP INDEX S.UX", "ALTER TABLE S.C DROP CONSTRAINT IF EXISTS CONSTRAINT_4", "DROP SCHEMA S CASCADE");
        replicas.assertSame();
    }

    @Test
    void aBlockedDefinitionSaysSoAndCanBeRepeated() throws Exception {
        replicas.defined("CREATE TABLE T(I INT)");
        try (Writer writer = replicas.follower.openWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.execute("INSERT INTO T VALUES(1)");
            LedgerRow row = replicas.nextRow();
            SchemaChange add = new SchemaChange("PUBLIC", "ALTER TABLE T ADD J INT");
            assertThatThrownBy(() -> replicas.follower.define(row, add))
                    .isInstanceOf(SchemaChangeBlockedException.class);
            writer.rollback();
            assertThat(replicas.follower.define(row, add).ok()).isTrue();
        }
    }

    @Test
    void aDefinersLocksKeepWritersOut() throws Exception {
        replicas.defined("CREATE TABLE T(I INT)", "CREATE TABLE U(I INT)");
        TableName t = new TableName("PUBLIC", "T");
        try (Writer writer = replicas.leader.openWriter();
                Statement statement = writer.connection().createStatement();
                Definer definer = replicas.leader.openDefiner()) {
            statement.execute("SET LOCK_TIMEOUT 50");
            statement.execute("INSERT INTO T VALUES(1)");
            assertThat(definer.lock(List.of(t), Duration.ofMillis(50))).isFalse();
            assertThat(writer.lockedTables()).containsExactly(t);
            writer.rollback();
            assertThat(definer.lock(List.of(t), Duration.ofMillis(50))).isTrue();
            assertThatThrownBy(() -> statement.execute("INSERT INTO T VALUES(1)"))
                    .hasMessageContaining("Timeout");
            statement.execute("INSERT INTO U VALUES(1)");
            writer.rollback();
            assertThat(definer.define(replicas.nextRow(), new SchemaChange("PUBLIC", "DROP TABLE T"))
                            .ok())
                    .isTrue();
            assertThat(definer.lock(List.of(), Duration.ofMillis(50))).isTrue();
            definer.release();
            statement.execute("INSERT INTO U VALUES(1)");
        }
    }
}
