package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.jdbc.TunableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a statement does to tables that it doesn't name, and what it takes for the name of a table: on one shard and on four as
 * on plain H2, and with the levels that are asked for those tables.
 */
class TablesBehindTest {
    private static Connection h2;
    private static Connection one;
    private static Connection four;

    /** What only we understand is in braces. */
    private static final List<String> SCHEMA = List.of(
            "CREATE TABLE LIMITS(ID INT PRIMARY KEY, MOST INT) {REFERENCE}",
            "INSERT INTO LIMITS VALUES (1, 10), (2, 20)",
            "CREATE TABLE SHOP(ID INT PRIMARY KEY, P INT) {SHARD BY (ID)}",
            "INSERT INTO SHOP(ID) VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)",
            "CREATE VIEW ALLOWED AS SELECT MOST FROM LIMITS UNION SELECT 30",
            "CREATE DOMAIN SMALL AS INT DEFAULT (SELECT MIN(MOST) FROM LIMITS) CHECK (VALUE IN (SELECT MOST FROM LIMITS))",
            "CREATE TABLE OF_DEFAULT(ID INT PRIMARY KEY, V INT DEFAULT (SELECT MAX(MOST) FROM LIMITS), W INT) {SHARD BY (ID)}",
            "CREATE TABLE OF_CHECK(ID INT PRIMARY KEY, V INT CHECK (V IN (SELECT MOST FROM ALLOWED))) {SHARD BY (ID)}",
            "CREATE TABLE OF_DOMAIN(ID INT PRIMARY KEY, V SMALL) {SHARD BY (ID)}",
            "CREATE TABLE OF_UPDATE(ID INT PRIMARY KEY, V INT ON UPDATE (SELECT SUM(MOST) FROM LIMITS), W INT) {SHARD BY (ID)}",
            "CREATE TABLE OF_RULE(ID INT PRIMARY KEY, V INT GENERATED ALWAYS AS (ID + (SELECT MAX(MOST) FROM LIMITS)))"
                    + " {SHARD BY (ID)}",
            "CREATE TABLE OF_ITSELF(ID INT PRIMARY KEY, P INT)",
            "ALTER TABLE OF_ITSELF ADD CHECK (P IS NULL OR P IN (SELECT ID FROM OF_ITSELF))",
            "CREATE TABLE NUMBERED(ID INT PRIMARY KEY, R INT) {SHARD BY (ID)}",
            "CREATE SCHEMA SYS",
            "CREATE SCHEMA \"information_schema\"",
            "CREATE SCHEMA \"tunable\"");

    @BeforeAll
    static void open() throws SQLException {
        h2 = DriverManager.getConnection("jdbc:h2:mem:behind");
        one = DriverManager.getConnection("jdbc:tunable:mem:behind1");
        four = DriverManager.getConnection("jdbc:tunable:mem:behind4?shards=4");
        for (String sql : SCHEMA) {
            assertThat(answer(h2, sql.replaceAll("\\{.*}", ""))).as(sql).endsWith(" rows");
            assertThat(answer(one, sql.replaceAll("[{}]", ""))).as(sql).endsWith(" rows");
            assertThat(answer(four, sql.replaceAll("[{}]", ""))).as(sql).endsWith(" rows");
        }
    }

    @AfterAll
    static void close() throws SQLException {
        for (Connection each : new Connection[] {h2, one, four}) {
            if (each != null) {
                each.close();
            }
        }
    }

    @Test
    void rowsAreNumberedAcrossShards() throws SQLException {
        same("UPDATE SHOP SET P = ID WHERE ROWNUM() <= 1");
        same("UPDATE SHOP SET P = ID WHERE ROWNUM <= 3 AND ID > 2");
        same("UPDATE SHOP SET P = ROWNUM()");
        same("SELECT P FROM SHOP");
        same("UPDATE SHOP SET P = 1 WHERE ID = 7 AND ROWNUM() <= 1");
        same("INSERT INTO NUMBERED SELECT ROWNUM(), P FROM SHOP");
        same("INSERT INTO NUMBERED SELECT ID + 100, ROW_NUMBER() OVER (ORDER BY ID DESC) FROM SHOP");
        same("INSERT INTO NUMBERED VALUES (ROWNUM() + 200, 1), (ROWNUM() + 300, (SELECT MAX(ROWNUM()) FROM SHOP))");
        same("INSERT INTO NUMBERED VALUES (401, ROWNUM()), (402, ROWNUM()), (403, ROWNUM())");
        same("INSERT INTO NUMBERED(ID, R) VALUES (501, (SELECT ROWNUM())), (ROWNUM() + 500, -ROWNUM())");
        same("SELECT * FROM NUMBERED");
        same("MERGE INTO NUMBERED USING (SELECT ID, ROWNUM() Q FROM SHOP) S ON NUMBERED.ID = S.ID WHEN MATCHED THEN "
                + "UPDATE SET R = Q");
        same("SELECT COUNT(*) FROM FINAL TABLE (UPDATE NUMBERED SET R = 0 WHERE ROWNUM() <= 2)");
        same("SELECT COUNT(*) FROM OLD TABLE (DELETE FROM NUMBERED WHERE ROWNUM() <= 1)");
        same("DELETE FROM NUMBERED WHERE ROWNUM() <= 2 AND ID > 100");
        same("DELETE FROM NUMBERED FETCH FIRST 2 ROWS ONLY");
        same("DELETE FROM NUMBERED WHERE ID IN (SELECT ID FROM SHOP WHERE ROWNUM() <= 2)");
        same("SELECT COUNT(*), COUNT(R) FROM NUMBERED");
        same("SELECT COUNT(*) FROM (SELECT ID FROM SHOP WHERE ROWNUM() <= 3) X WHERE ID > 5");
        same("SELECT ID, R FROM (SELECT ID, ROWNUM() R FROM SHOP) X WHERE R > 5");
    }

    @Test
    void variablesAreNotAssignedInSeveralShards() throws SQLException {
        try (Statement statement = four.createStatement()) {
            for (String sql : List.of(
                    "UPDATE SHOP SET P = (@N := 1)",
                    "SELECT SET(@N, ID) FROM SHOP",
                    "SELECT @N := P FROM SHOP WHERE ID = 2")) {
                assertThatThrownBy(() -> statement.execute(sql))
                        .as(sql)
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("SET @variable");
            }
        }
        same("CALL @M := 3");
        same("CALL @M");
    }

    @Test
    void whatIsComputedForRowsReadsItsTables() throws SQLException {
        same("SELECT * FROM FINAL TABLE (INSERT INTO OF_DEFAULT(ID, W) VALUES (1, 1), (2, 2))");
        same("INSERT INTO OF_DEFAULT(ID, W) SELECT ID + 10, 1 FROM SHOP");
        same("MERGE INTO OF_DEFAULT D USING SHOP S ON D.ID = S.ID WHEN MATCHED THEN UPDATE SET W = 3 "
                + "WHEN NOT MATCHED THEN INSERT (ID, W) VALUES (S.ID + 100, 1)");
        same("UPDATE OF_DEFAULT D SET V = DEFAULT, W = (SELECT COUNT(*) FROM SHOP WHERE SHOP.ID <= D.ID)");
        same("SELECT * FROM OF_DEFAULT");
        for (String table : List.of("OF_CHECK", "OF_DOMAIN")) {
            same("INSERT INTO " + table + " SELECT ID, 20 FROM SHOP");
            same("INSERT INTO " + table + " SELECT ID + 20, 21 FROM SHOP");
            same("UPDATE " + table + " SET V = 10 WHERE ID IN (SELECT ID FROM SHOP WHERE ID > 2)");
            same("UPDATE " + table + " SET V = 11 WHERE ID IN (SELECT ID FROM SHOP WHERE ID > 2)");
            same("UPDATE " + table + " SET ID = ID + 1000 WHERE ID IN (SELECT ID FROM SHOP WHERE ID < 4)");
            same("SELECT * FROM FINAL TABLE (UPDATE " + table + " SET V = 20 WHERE ID < 6)");
            same("SELECT * FROM " + table);
        }
        same("INSERT INTO OF_DOMAIN(ID) SELECT ID + 500 FROM SHOP");
        same("SELECT SUM(V) FROM OF_DOMAIN");
        same("INSERT INTO OF_UPDATE SELECT ID, 1, 1 FROM SHOP");
        same("UPDATE OF_UPDATE U SET W = (SELECT COUNT(*) FROM SHOP WHERE SHOP.ID <= U.ID) WHERE ID > 2");
        same("SELECT * FROM FINAL TABLE (UPDATE OF_UPDATE SET W = 9 WHERE ID IN (SELECT ID FROM SHOP))");
        same("INSERT INTO OF_RULE(ID) SELECT ID FROM SHOP");
        same("UPDATE OF_RULE SET ID = ID + 100 WHERE ID IN (SELECT ID FROM SHOP WHERE ID > 3)");
        same("SELECT * FROM OF_RULE");
        same("INSERT INTO OF_ITSELF(ID) SELECT ID FROM SHOP");
        same("UPDATE OF_ITSELF SET P = 5 WHERE ID IN (SELECT ID FROM SHOP WHERE ID < 3)");
        same("UPDATE OF_ITSELF SET P = 50 WHERE ID IN (SELECT ID FROM SHOP WHERE ID < 3)");
        same("SELECT * FROM OF_ITSELF");
        same("SELECT CAST(10 AS SMALL), CAST('20' AS SMALL)");
        same("SELECT CAST(11 AS SMALL)");
        same("CREATE DOMAIN KNOWN AS INT CHECK (VALUE IN (SELECT ID FROM OF_ITSELF))");
        same("SELECT CAST(1 AS KNOWN), CAST(2 AS PUBLIC.KNOWN)");
        same("SELECT CAST(100 AS KNOWN)");
        same("SELECT P FROM OF_ITSELF WHERE ID = CAST(1 AS KNOWN)");
        same("DROP DOMAIN KNOWN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE X(I INT DEFAULT (SELECT MAX(ID) FROM SHOP))",
                "CREATE TABLE X(I INT CHECK (I IN (SELECT ID FROM SHOP)))",
                "CREATE TABLE X(I INT PRIMARY KEY, J INT GENERATED ALWAYS AS ((SELECT MAX(ID) FROM SHOP))) SHARD BY (I)",
                "CREATE DOMAIN D AS INT CHECK (VALUE IN (SELECT ID FROM SHOP))",
                "CREATE DOMAIN D AS INT DEFAULT (SELECT MAX(P) FROM SHOP)",
                "ALTER DOMAIN SMALL ADD CHECK (VALUE > (SELECT MIN(ID) FROM SHOP))",
                "ALTER TABLE SHOP ADD CHECK (P IN (SELECT ID FROM SHOP))",
                "ALTER TABLE LIMITS SHARD BY (ID)",
                "CREATE OR REPLACE VIEW ALLOWED AS SELECT ID MOST FROM SHOP",
            })
    void whatAShardCouldNotComputeIsRefused(String sql) throws SQLException {
        for (Connection connection : List.of(one, four)) {
            try (Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute(sql))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("TC005"))
                        .hasMessageContaining("REFERENCE");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE CONSTANT C VALUE (SELECT MAX(ID) FROM SHOP)",
                "CREATE SEQUENCE S START WITH (SELECT MAX(ID) FROM SHOP)",
                "ALTER TABLE NUMBERED ALTER COLUMN R SET DATA TYPE VARCHAR USING (SELECT 'x' || MAX(ID) FROM SHOP)",
            })
    void whatEachShardWouldComputeForItselfIsRefused(String sql) throws SQLException {
        try (Statement statement = four.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("TC005"))
                    .hasMessageContaining("not all in each shard");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DUAL",
                "SYS.DUAL",
                "\"dual\"",
                "SYSTEM_RANGE",
                "UNNEST",
                "TABLES",
                "\"information_schema\".TABLES",
                "\"tunable\".NODES",
                "\"SELECT\"",
                "\"ROWNUM\""
            })
    void aTableMayBeCalledAnything(String name) throws SQLException {
        same("CREATE TABLE " + name + "(ID INT PRIMARY KEY, V INT) {SHARD BY (ID)}");
        same("INSERT INTO " + name + " VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)");
        same("SELECT * FROM " + name);
        same("SELECT COUNT(*) FROM SHOP WHERE ID IN (SELECT ID FROM " + name + ")");
        same("UPDATE " + name + " SET V = 7 WHERE ID > 2");
        same("SELECT * FROM " + name + " WHERE ID = 4");
        same("DROP TABLE " + name);
        same("SELECT 1 FROM DUAL");
        same("SELECT * FROM SYSTEM_RANGE(1, 3)");
        same("SELECT * FROM UNNEST(ARRAY[1, 2])");
    }

    @Test
    void whatASessionOrASynonymCallsDualIsThat() throws SQLException {
        same("CREATE LOCAL TEMPORARY TABLE DUAL(X INT)");
        same("INSERT INTO DUAL VALUES (8), (9)");
        same("SELECT X FROM DUAL");
        same("DROP TABLE DUAL");
        same("CREATE SYNONYM DUAL FOR SHOP");
        same("SELECT ID FROM DUAL");
        same("DROP SYNONYM DUAL");
        same("SELECT 1 FROM DUAL");
    }

    @Test
    void namesAndSettingsAreAsInH2() throws SQLException {
        same("SELECT T.ID FROM SHOP U&\"!0054\" UESCAPE '!'");
        same("SET LAZY_QUERY_EXECUTION 1");
        same("SELECT ID FROM SHOP");
        same("SELECT COUNT(*) FROM SHOP A JOIN SHOP B ON A.ID < B.ID");
        same("SET LAZY_QUERY_EXECUTION 0");
        String isolation = "SELECT ISOLATION_LEVEL FROM INFORMATION_SCHEMA.SESSIONS WHERE SESSION_ID = SESSION_ID()";
        for (Connection each : List.of(h2, one, four)) {
            each.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        }
        same(isolation);
        for (Connection each : List.of(h2, one, four)) {
            each.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        }
        same(isolation);
    }

    /** Each statement with the tables it concerns and the rule that decides. */
    @Test
    void rulesAndFloorsHoldForTablesThatAreNotNamed() throws SQLException {
        for (String shards : List.of("", "?shards=4")) {
            try (Connection connection = DriverManager.getConnection("jdbc:tunable:mem:ruled" + shards);
                    Statement statement = connection.createStatement()) {
                for (String sql : List.of(
                        "CREATE TABLE T(I INT PRIMARY KEY) REFERENCE",
                        "INSERT INTO T VALUES (1), (2)",
                        "CREATE VIEW V AS SELECT I FROM (SELECT I FROM T) X",
                        "CREATE DOMAIN M AS INT CHECK (VALUE IN (SELECT I FROM V))",
                        "CREATE TABLE OF_DEFAULT(I INT, J INT DEFAULT (SELECT MAX(I) FROM T))",
                        "CREATE TABLE OF_CHECK(I INT CHECK (I IN (SELECT I FROM T)))",
                        "CREATE TABLE OF_DOMAIN(I M)",
                        "CREATE TABLE PARENT(I INT PRIMARY KEY)",
                        "CREATE TABLE CHILD(I INT PRIMARY KEY REFERENCES PARENT ON DELETE CASCADE)",
                        "CREATE TABLE GRANDCHILD(I INT REFERENCES CHILD ON DELETE SET NULL, J M)",
                        "CREATE CONSISTENCY RULE READS ON T FOR READ USING LINEARIZABLE",
                        "CREATE CONSISTENCY RULE CHANGES ON GRANDCHILD FOR UPDATE USING SNAPSHOT FLOOR SNAPSHOT")) {
                    statement.execute(sql);
                }
                TunableStatement tunable = statement.unwrap(TunableStatement.class);
                assertThat(decided(tunable, "INSERT INTO OF_DEFAULT(I) VALUES (1)"))
                        .isEqualTo("RULE READS: PUBLIC.OF_DEFAULT, PUBLIC.T");
                assertThat(decided(tunable, "INSERT INTO OF_CHECK VALUES (1)"))
                        .isEqualTo("RULE READS: PUBLIC.OF_CHECK, PUBLIC.T");
                assertThat(decided(tunable, "INSERT INTO OF_DOMAIN VALUES (1)"))
                        .isEqualTo("RULE READS: PUBLIC.OF_DOMAIN, PUBLIC.T");
                assertThat(decided(tunable, "DELETE FROM OF_DOMAIN")).isEqualTo("DEFAULT: PUBLIC.OF_DOMAIN");
                assertThat(decided(tunable, "SELECT CAST(1 AS M)")).isEqualTo("RULE READS: PUBLIC.T");
                assertThat(decided(tunable, "SELECT I FROM V")).isEqualTo("RULE READS: PUBLIC.T, PUBLIC.V");
                assertThat(decided(tunable, "INSERT INTO PARENT VALUES (1)")).isEqualTo("DEFAULT: PUBLIC.PARENT");
                assertThat(decided(tunable, "DELETE FROM PARENT"))
                        .isEqualTo("RULE READS: PUBLIC.CHILD, PUBLIC.GRANDCHILD, PUBLIC.PARENT, PUBLIC.T");
                assertThat(decided(tunable, "DELETE FROM CHILD WITH CONSISTENCY EVENTUAL"))
                        .isEqualTo("CLAUSE: PUBLIC.CHILD, PUBLIC.GRANDCHILD, PUBLIC.T");
                assertThat(tunable.receipt().granted().text()).startsWith("SNAPSHOT");
                assertThat(decided(tunable, "SELECT 1 FROM DUAL")).isEqualTo("DEFAULT: ");
            }
        }
    }

    /** A schema's name in small letters has its own tables, with their own levels. */
    @Test
    void aTableInAQuotedSchemaKeepsItsLevels() throws SQLException {
        try (Statement statement = four.createStatement()) {
            statement.execute("CREATE TABLE \"tunable\".T(I INT PRIMARY KEY) WITH CONSISTENCY (READ EVENTUAL)");
            assertThat(decided(statement.unwrap(TunableStatement.class), "SELECT * FROM \"tunable\".T"))
                    .isEqualTo("TABLE tunable.T: tunable.T");
            statement.execute("DROP TABLE \"tunable\".T");
        }
    }

    private static String decided(TunableStatement statement, String sql) throws SQLException {
        ((Statement) statement).execute(sql);
        Receipt receipt = statement.receipt();
        return receipt.decidedBy() + ": " + receipt.tables().stream().sorted().collect(Collectors.joining(", "));
    }

    private static void same(String sql) throws SQLException {
        String expected = answer(h2, sql.replaceAll("\\{.*}", ""));
        String ours = sql.replaceAll("[{}]", "");
        assertThat(answer(one, ours)).as("one shard: " + sql).isEqualTo(expected);
        assertThat(answer(four, ours)).as("four shards: " + sql).isEqualTo(expected);
    }

    private static String answer(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return statement.getUpdateCount() + " rows";
            }
            List<String> rows = new ArrayList<>();
            try (ResultSet result = statement.getResultSet()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= columns; i++) {
                        row.add(result.getString(i));
                    }
                    rows.add(row.toString());
                }
            }
            Collections.sort(rows);
            return rows.toString();
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }
}
