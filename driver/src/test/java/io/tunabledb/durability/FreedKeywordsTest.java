package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A session that frees words, {@code SET NON_KEYWORDS}, changes what its own texts mean and nothing else: what the engine
 * writes is executed in the same storage sessions, on the thread that applies. With SET freed, any CREATE TABLE over shards
 * stopped every replica for good.
 */
class FreedKeywordsTest {
    private static final long SEED = Long.getLong("freed.seed", System.nanoTime());
    /** All but those with which our grammar sees a query begin, or go on. */
    private static final List<String> WORDS =
            List.of(("ALL AND ANY ARRAY AS ASYMMETRIC AUTHORIZATION BETWEEN CASE CAST CHECK"
                            + " CONSTRAINT CURRENT_CATALOG CURRENT_DATE CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME"
                            + " CURRENT_TIMESTAMP CURRENT_USER DAY DEFAULT DISTINCT ELSE END EXISTS FALSE FOREIGN"
                            + " HOUR IF IN INTERVAL IS KEY LIKE LOCALTIME"
                            + " LOCALTIMESTAMP MINUTE MONTH NOT NULL OR PRIMARY ROW"
                            + " ROWNUM SECOND SESSION_USER SET SOME SYMMETRIC SYSTEM_USER TRUE UESCAPE UNIQUE"
                            + " UNKNOWN USER VALUE VALUES WHEN YEAR _ROWID_")
                    .split(" "));
    /** One with each word that the engine's own statements need, and some with many. */
    private static final int ROUNDS = 4;

    /** What may go wrong in them goes wrong in H2, too. */
    private static final List<String> STATEMENTS = List.of(
            "CREATE TABLE p%d(id INT PRIMARY KEY, v INT)",
            "CREATE TABLE s%d(id INT PRIMARY KEY, v VARCHAR, at TIMESTAMP DEFAULT LOCALTIMESTAMP) SHARD BY (id)",
            "CREATE TABLE r%d(id INT PRIMARY KEY) REFERENCE",
            "ALTER TABLE t ADD COLUMN c%d INT DEFAULT 5",
            "ALTER TABLE s%d RENAME TO q%d",
            "ALTER TABLE p%d SHARD BY (id)",
            "CREATE INDEX i%d ON t(v)",
            "ALTER TABLE t ALTER COLUMN v VARCHAR(2%d0)",
            "CREATE VIEW w%d AS TABLE vt",
            "ALTER SEQUENCE sq RESTART WITH 1%d",
            "INSERT INTO t(id, v) VALUES(10%d, 'a')",
            "INSERT INTO q%d(id, v) TABLE vt",
            "INSERT INTO t(id, v) VALUES(20%d, 'b') WITH CONSISTENCY EVENTUAL",
            "DELETE FROM t",
            "CREATE CONSISTENCY RULE r%d ON t FOR READ USING LINEARIZABLE",
            "COMMENT ON TABLE t IS 'c'",
            "TRUNCATE TABLE p%d",
            "DROP TABLE p%d",
            "DROP VIEW w%d");

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void costNobodyTheDatabase(int shards) throws SQLException {
        String url = "jdbc:tunable:mem:" + UUID.randomUUID() + "?shards=" + shards;
        try (Connection keeper = DriverManager.getConnection(url);
                Statement sound = keeper.createStatement()) {
            sound.execute("CREATE TABLE t(id INT PRIMARY KEY, v VARCHAR)");
            sound.execute("CREATE VIEW vt AS SELECT id, v FROM t WHERE id > 0");
            sound.execute("CREATE SEQUENCE sq");
            for (int round = 0; round < ROUNDS; round++) {
                String freed = String.join(", ", round == 0 ? List.of("SET") : some());
                try (Connection connection = DriverManager.getConnection(url);
                        Statement statement = connection.createStatement()) {
                    statement.execute("SET NON_KEYWORDS " + freed);
                    for (String text : STATEMENTS) {
                        attempt(statement, text.replace("%d", Integer.toString(round)), freed);
                    }
                    serializable(connection, round, freed);
                }
                sound.execute("CREATE TABLE later" + round + "(id INT PRIMARY KEY) SHARD BY (id)");
                sound.execute("INSERT INTO later" + round + " VALUES (1), (2), (3)");
            }
            try (ResultSet replicas = sound.executeQuery("CHECK REPLICAS")) {
                while (replicas.next()) {
                    assertThat(replicas.getString("DIFFERENCE")).as(seed("")).isNull();
                    assertThat(replicas.getBoolean("SAME")).as(seed("")).isTrue();
                }
            }
        }
    }

    private List<String> some() {
        List<String> words = new ArrayList<>(WORDS);
        Collections.shuffle(words, random);
        return words.subList(0, 1 + random.nextInt(random.nextBoolean() ? 4 : words.size()));
    }

    /** An error of the text's is H2's answer to it; none of the database's. */
    private static void attempt(Statement statement, String text, String freed) {
        try {
            statement.execute(text);
        } catch (SQLException e) {
            assertThat(e.getSQLState())
                    .as(seed(freed) + ", " + text + ": " + e.getMessage())
                    .doesNotStartWith("08")
                    .doesNotStartWith("TC")
                    .doesNotStartWith("58")
                    .isNotEqualTo("HY000");
        }
    }

    /** What it sees is fixed by a statement of the engine's. */
    private static void serializable(Connection connection, int round, String freed) throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            attempt(statement, "TABLE t", freed);
            attempt(statement, "INSERT INTO t(id, v) TABLE vt", freed);
            attempt(statement, "SAVEPOINT a" + round, freed);
        }
        connection.rollback();
    }

    private static String seed(String freed) {
        return "-Dfreed.seed=" + SEED + ", NON_KEYWORDS " + freed;
    }
}
