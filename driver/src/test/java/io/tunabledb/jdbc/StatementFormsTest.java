package io.tunabledb.jdbc;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.CheckedReplicas;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.h2.bnf.RuleHead;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every statement form of H2's grammar, tried as random sentences by a session that may have temporary tables, alone, in a
 * text with others, in a batch, prepared, explained, as immediate text, in and outside a transaction: none of them changes
 * one replica and not the others.
 */
class StatementFormsTest {
    private static final int BEFORE_RESET = 60;
    /** Changes of rows are tried more often: they have more forms than the grammar has rules for them. */
    private static final int OF_CHANGES = 3;

    private static final List<String> TABLES = List.of("T", "T", "T", "U", "W", "W", "\"T\"", "NOTHING");
    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            entry("tablename", TABLES),
            entry("targettablename", TABLES),
            entry("schemaname", List.of("PUBLIC", "S2")),
            entry("catalogname", List.of("MEM")),
            entry("columnname", List.of("ID", "V", "N")),
            entry("name", List.of("N", "T", "X1")),
            entry("newname", List.of("T", "X2", "W")),
            entry("newtablealias", List.of("A")),
            entry("targetalias", List.of("A")),
            entry("viewname", List.of("VIEW1", "T")),
            entry("indexname", List.of("IX")),
            entry("newindexname", List.of("IX", "IX2")),
            entry("sequencename", List.of("SEQ", "S2.SEQ2")),
            entry("constantname", List.of("K", "K2")),
            entry("domainname", List.of("DOM", "DOM2")),
            entry("datatypeordomain", List.of("INT", "VARCHAR", "DOM", "UUID")),
            entry("datatype", List.of("INT", "VARCHAR(9)", "TIMESTAMP")),
            entry("columndefinition", List.of("INT", "INT DEFAULT 3", "UUID DEFAULT RANDOM_UUID()", "INT AS (V + 1)")),
            entry("constraintname", List.of("C1")),
            entry("oldconstraintname", List.of("C1")),
            entry("newconstraintname", List.of("C2")),
            entry("newschemaname", List.of("S3")),
            entry("savepointname", List.of("SP")),
            entry("transactionname", List.of("TX")),
            entry("newtransactionname", List.of("TX")),
            entry(
                    "expression",
                    List.of("1", "V", "V + 1", "RAND()", "(SELECT MAX(V) FROM T)", "NEXT VALUE FOR SEQ", "@X")),
            entry("newvalueexpression", List.of("5", "V + 1")),
            entry("initialvalueexpression", List.of("0")),
            entry("condition", List.of("ID = 1", "V > 0", "TRUE", "ID IN (SELECT V FROM W)")),
            entry(
                    "query",
                    List.of(
                            "SELECT * FROM T",
                            "SELECT 7 ID, 7 V",
                            "SELECT * FROM OLD TABLE (DELETE FROM T WHERE ID = 2)",
                            "SELECT * FROM FINAL TABLE (UPDATE T SET V = V + 1)",
                            "SELECT ID, RAND() FROM W",
                            "SELECT NEXT VALUE FOR SEQ")),
            entry(
                    "tableexpression",
                    List.of("T", "W", "(SELECT * FROM T) A", "FINAL TABLE (INSERT INTO T(V) VALUES (3))")),
            entry("selectexpression", List.of("*", "V", "COUNT(*)")),
            entry("rowvalueexpression", List.of("(8, 8)", "(9, 9)")),
            entry("insertvalues", List.of("(V) VALUES (4)", "(ID, V) VALUES (8, 8)", "SELECT * FROM W")),
            entry("setclauselist", List.of("V = V + 1", "V = (SELECT MAX(ID) FROM W)")),
            entry("sqlstring", List.of("'TRUNCATE TABLE T'", "'DELETE FROM T'", "'COMMIT'", "'UPDATE T SET V = 99'")),
            entry("filenamestring", List.of("'/nowhere/at/all'")),
            entry("string", List.of("'x'")),
            entry("int", List.of("1", "3")),
            entry("variablename", List.of("X")),
            entry("delete", List.of("DELETE FROM T WHERE ID = 1", "DELETE FROM U")),
            entry("update", List.of("UPDATE T SET V = V + 1", "UPDATE U SET V = NULL")),
            entry("insert", List.of("INSERT INTO T(V) VALUES (6)", "INSERT INTO T(V) SELECT V FROM W")),
            entry("mergeinto", List.of("MERGE INTO T(ID, V) KEY(ID) VALUES (1, 9)")),
            entry("mergeusing", List.of("MERGE INTO T USING W ON T.ID = W.ID WHEN MATCHED THEN DELETE")),
            entry(
                    "mergewhenclause",
                    List.of(
                            "WHEN MATCHED THEN DELETE",
                            "WHEN MATCHED THEN UPDATE SET V = 2",
                            "WHEN NOT MATCHED THEN INSERT(ID, V) VALUES (20, 1)")),
            entry(
                    "tableconstraintdefinition",
                    List.of("CONSTRAINT C1 CHECK (V > 0)", "UNIQUE(V)", "FOREIGN KEY(V) REFERENCES T")),
            entry("indexcolumn", List.of("V", "ID DESC")),
            entry("sortspecificationlist", List.of("ID", "V DESC")),
            entry("sequenceoption", List.of("START WITH 5", "INCREMENT BY 2")),
            entry("altersequenceoption", List.of("RESTART WITH 50", "INCREMENT BY 3")),
            entry("alteridentitycolumnoption", List.of("RESTART WITH 70", "RESTART")),
            entry("overrideclause", List.of("OVERRIDING SYSTEM VALUE", "OVERRIDING USER VALUE")),
            entry("rolename", List.of("PUBLIC")),
            entry("username", List.of("SA")),
            entry("ownername", List.of("SA")));

    private static final List<String> SETUPS = List.of(
            "SET @X = 1",
            "CREATE LOCAL TEMPORARY TABLE W AS SELECT * FROM T",
            "CREATE LOCAL TEMPORARY TABLE T(ID INT, V INT)",
            "CREATE LOCAL TEMPORARY TABLE W(ID INT PRIMARY KEY, V INT) ON COMMIT DELETE ROWS");

    private long seed = Long.getLong("guarantees.seed", System.nanoTime() % 1_000_000);
    private Random random = new Random(seed);

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void noFormChangesOneReplicaAlone(long fixed) throws SQLException, IOException {
        seed = fixed;
        random = new Random(seed);
        run(1);
    }

    @Tag("campaign")
    @Test
    void noFormChangesOneReplicaAloneForLong() throws SQLException, IOException {
        run(50);
    }

    private void run(int rounds) throws SQLException, IOException {
        String url = Urls.unique();
        GrammarSentences sentences = new GrammarSentences(random, NAMES);
        try (Connection keeper = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            reset(statement);
            int tried = 0;
            int done = 0;
            for (int round = 0; round < rounds; round++) {
                for (RuleHead form : sentences.forms()) {
                    for (int i = form.getSection().contains("DML") ? OF_CHANGES : 1; i > 0; i--) {
                        if (++tried % BEFORE_RESET == 0) {
                            reset(statement);
                        }
                        String setup = pick(SETUPS);
                        String sql = sentences.of(form);
                        done += tryOut(url, setup, sql) ? 1 : 0;
                        assertThat(CheckedReplicas.assertSame(statement, "seed " + seed + ": " + setup + "; " + sql))
                                .isEqualTo(3);
                    }
                }
            }
            assertThat(done).as("of " + tried).isGreaterThan(tried / 20);
        }
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static void reset(Statement statement) throws SQLException {
        for (String sql : List.of(
                "DROP VIEW IF EXISTS VIEW1 CASCADE",
                "DROP TABLE IF EXISTS T, U, W, X1, X2, N, V CASCADE",
                "DROP SCHEMA IF EXISTS S3 CASCADE",
                "DROP SCHEMA IF EXISTS S2 CASCADE",
                "CREATE SCHEMA S2",
                "CREATE SEQUENCE IF NOT EXISTS SEQ",
                "CREATE TABLE T(ID INT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT)",
                "CREATE TABLE U(ID INT PRIMARY KEY, V INT REFERENCES T(ID) ON DELETE CASCADE)",
                "CREATE TABLE S2.W(ID INT PRIMARY KEY, V INT)",
                "INSERT INTO T(V) VALUES (1), (2), (3)",
                "INSERT INTO U VALUES (1, 1), (2, 2)",
                "INSERT INTO S2.W VALUES (1, 1)")) {
            statement.execute(sql);
        }
    }

    /** Whether it was done; what is refused only has to be refused. */
    private boolean tryOut(String url, String setup, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(setup);
            connection.setAutoCommit(random.nextBoolean());
            if (random.nextInt(3) == 0) {
                statement.execute("UPDATE U SET V = V WHERE ID = 1");
            }
            execute(connection, statement, sql);
            if (!connection.getAutoCommit()) {
                if (random.nextBoolean()) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
            }
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState())
                    .as("seed %d: %s; %s: %s", seed, setup, sql, e.getMessage())
                    .doesNotStartWith("XX")
                    .isNotNull();
            return false;
        }
    }

    private void execute(Connection connection, Statement statement, String sql) throws SQLException {
        switch (random.nextInt(12)) {
            case 0 -> {
                try (PreparedStatement prepared = connection.prepareStatement(sql)) {
                    prepared.execute();
                    prepared.execute();
                }
            }
            case 1 -> {
                statement.addBatch("UPDATE T SET V = V + 1");
                statement.addBatch(sql);
                statement.executeBatch();
            }
            case 2 -> statement.execute("UPDATE T SET V = V + 1; " + sql);
            case 3 -> statement.execute(sql + "; DELETE FROM T WHERE ID = 1");
            case 4 -> statement.execute("EXECUTE IMMEDIATE '" + sql.replace("'", "''") + "'");
            case 5 -> statement.execute("EXPLAIN ANALYZE " + sql);
            default -> statement.execute(sql);
        }
    }
}
