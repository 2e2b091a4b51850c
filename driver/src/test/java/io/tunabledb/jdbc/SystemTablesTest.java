package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schema TUNABLE through JDBC: what the cluster is, by plain SELECT, from anywhere. */
class SystemTablesTest {
    private static final String URL = "jdbc:tunable:mem:systemtables?replicas=3&consistencyTimeout=1500";
    private static Connection connection;

    @BeforeAll
    static void start() throws SQLException {
        connection = DriverManager.getConnection(URL);
        run("CREATE TABLE PLACES(NODE VARCHAR PRIMARY KEY, CITY VARCHAR)");
        run("INSERT INTO PLACES VALUES('n1', 'Oslo'), ('n2', 'Rome')");
    }

    @AfterAll
    static void stop() throws SQLException {
        connection.close();
    }

    private static void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                found.add(String.join(" ", row.stream().map(String::valueOf).toList()));
            }
            return found;
        }
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void everyLevelReadsThem(Level level) throws SQLException {
        String rung = level == Level.BOUNDED_STALENESS ? level + " (5 SECONDS)" : level.name();
        assertThat(rows(connection, "SELECT NODE, ALIVE, VOTING FROM TUNABLE.NODES WITH CONSISTENCY " + rung))
                .containsExactly("n1 TRUE TRUE", "n2 TRUE TRUE", "n3 TRUE TRUE");
    }

    @Test
    void theyJoinWithEachOtherAndWithUsersTables() throws SQLException {
        assertThat(rows(
                        connection,
                        "SELECT R.NODE, P.CITY, R.ALIVE FROM TUNABLE.REPLICAS R LEFT JOIN PLACES P ON P.NODE = R.NODE"
                                + " ORDER BY R.NODE"))
                .containsExactly("n1 Oslo TRUE", "n2 Rome TRUE", "n3 null TRUE");
        assertThat(rows(
                        connection,
                        "SELECT COUNT(*) FROM TUNABLE.SHARDS S JOIN TUNABLE.REPLICAS R ON R.NODE = S.LEADER"
                                + " WHERE R.ROLE = 'LEADER' AND S.TERM = R.TERM"))
                .containsExactly("1");
    }

    @Test
    void replicasShowTheLagOfOneThatIsCutOff() throws SQLException {
        var cluster = connection.unwrap(TunableConnection.class).cluster();
        int follower = cluster.leader() == 3 ? 2 : 3;
        cluster.isolate(follower);
        try {
            run("UPDATE PLACES SET CITY = CITY || '!'");
            assertThat(rows(
                            connection,
                            "SELECT LAG_ENTRIES > 0 FROM TUNABLE.REPLICAS WHERE NODE = 'n" + follower + "'"))
                    .containsExactly("TRUE");
            try (Connection cutOff =
                    DriverManager.getConnection(URL + "&home=" + follower + "&consistency=LINEARIZABLE")) {
                assertThat(rows(cutOff, "SELECT COUNT(*) FROM TUNABLE.REPLICAS"))
                        .containsExactly("3");
                assertThatThrownBy(() -> rows(cutOff, "SELECT * FROM PLACES")).isInstanceOf(SQLException.class);
            }
        } finally {
            cluster.heal();
        }
    }

    @Test
    void openTransactionsShow() throws SQLException {
        try (Connection writer = DriverManager.getConnection(URL);
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute("UPDATE PLACES SET CITY = 'X' WHERE NODE = 'n1'");
            assertThat(rows(connection, "SELECT STATE, SHARD, AGE_MS >= 0 FROM TUNABLE.TRANSACTIONS"))
                    .containsExactly("OPEN 0 TRUE");
            // a read inside the transaction runs at the leader, where the tables are too
            assertThat(rows(writer, "SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS"))
                    .containsExactly("1");
            writer.rollback();
        }
        assertThat(rows(connection, "SELECT * FROM TUNABLE.TRANSACTIONS")).isEmpty();
    }

    @Test
    void aTransactionThatWaitsForALockShows() throws Exception {
        String waiting = "SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS WHERE WAITING";
        String update = "UPDATE PLACES SET CITY = 'X' WHERE NODE = 'n1'";
        try (Connection first = DriverManager.getConnection(URL);
                Connection second = DriverManager.getConnection(URL);
                Statement holds = first.createStatement();
                Statement waits = second.createStatement()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            holds.execute(update);
            assertThat(rows(connection, waiting)).containsExactly("0");
            CompletableFuture<Integer> updated = CompletableFuture.supplyAsync(() -> {
                try {
                    return waits.executeUpdate(update);
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            await().until(() -> rows(connection, waiting).equals(List.of("1")));
            first.rollback();
            assertThat(updated.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(rows(connection, waiting)).containsExactly("0");
            second.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO TUNABLE.NODES VALUES('n4', TRUE, TRUE, 0, 0)",
                "UPDATE TUNABLE.NODES SET ALIVE = FALSE",
                "DELETE FROM TUNABLE.NODES",
                "MERGE INTO TUNABLE.NODES KEY(NODE) VALUES('n4', TRUE, TRUE, 0, 0)",
                "TRUNCATE TABLE TUNABLE.NODES",
                "DROP TABLE TUNABLE.NODES",
                "ALTER TABLE TUNABLE.NODES ADD COLUMN X INT",
                "CREATE TABLE TUNABLE.X(I INT)",
                "SELECT * FROM FINAL TABLE (DELETE FROM TUNABLE.NODES)",
            })
    void writesAreRefused(String sql) {
        assertThatThrownBy(() -> run(sql))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("TC005"))
                .hasMessageContaining("TUNABLE");
    }

    @Test
    void theirRowsCanBeKept() throws SQLException {
        run("CREATE TABLE KEPT AS SELECT NODE, APPLIED FROM TUNABLE.REPLICAS");
        assertThat(rows(connection, "SELECT COUNT(*) FROM KEPT WHERE APPLIED > 0"))
                .containsExactly("3");
    }

    @Test
    void theReceiptSaysThatNoLevelWasNeeded() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM TUNABLE.NODES");
            Receipt receipt = statement.unwrap(TunableStatement.class).receipt();
            assertThat(receipt.decidedBy()).isEqualTo("SYSTEM TABLE");
            assertThat(receipt.tables()).containsExactly("TUNABLE.NODES");
        }
    }
}
