package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** H2 has room for 255 open transactions in a database: clients are told before that is used up, or take turns. */
class OpenTransactionsTest {
    private static final int TOO_MANY = 270;

    private enum Kind {
        WRITE,
        SERIALIZABLE,
        SNAPSHOT
    }

    @ParameterizedTest
    @CsvSource({"WRITE, 1", "SERIALIZABLE, 1", "SNAPSHOT, 1", "WRITE, 2", "SNAPSHOT, 2"})
    void tooManyTransactionsAreRefusedAndNothingElseIs(Kind kind, int shards) throws Exception {
        String url = "jdbc:tunable:mem:places" + kind + shards + "?shards=" + shards + "&consistencyTimeout=";
        List<Connection> open = new ArrayList<>();
        try (Connection keeper = DriverManager.getConnection(url + 20_000);
                Statement other = keeper.createStatement()) {
            other.execute("CREATE TABLE T(K INT PRIMARY KEY, V INT)" + (shards > 1 ? " SHARD BY (K)" : ""));
            other.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 1000)");
            assertAllReplicasAgree(other); // a new session may read any of them
            try {
                SQLException refusal = openUntilRefused(url + 3_000, kind, open);
                assertThat(refusal.getSQLState()).as(refusal.getMessage()).isEqualTo("TC006");
                assertThat(refusal.getMessage()).contains("255").contains("consistencyTimeout");
                assertThat(open).hasSizeGreaterThanOrEqualTo(40);

                for (String level : List.of("EVENTUAL", "SEQUENTIAL", "LINEARIZABLE", "SNAPSHOT")) {
                    String read = "SELECT COUNT(*) FROM T WITH CONSISTENCY " + level;
                    assertThat(number(other, read)).as(level).isPositive();
                }
                if (shards == 1) {
                    // the outbox carries it out in a transaction of its own
                    other.executeUpdate("UPDATE T SET V = V + 1 WHERE K = 999 WITH CONSISTENCY EVENTUAL");
                    assertThat(number(other, "SELECT V FROM T WHERE K = 999 WITH CONSISTENCY READ_YOUR_WRITE"))
                            .isEqualTo(1);
                }
                assertAllReplicasAgree(other);
                other.execute("CREATE TABLE BESIDE(K INT PRIMARY KEY)");
            } finally {
                for (Connection connection : open) {
                    connection.commit();
                    connection.close();
                }
            }
            assertThat(other.executeUpdate("UPDATE T SET V = V + 1 WHERE K = 998"))
                    .isEqualTo(1);
        }
    }

    /** Their patience is shorter than that of the rest of the test, so that the one that is refused is so soon. */
    private static SQLException openUntilRefused(String url, Kind kind, List<Connection> open) throws SQLException {
        for (int i = 1; i <= TOO_MANY; i++) {
            Connection connection = DriverManager.getConnection(url);
            open.add(connection);
            try (Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                switch (kind) {
                    case WRITE -> statement.executeUpdate("UPDATE T SET V = V + 1 WHERE K = " + i);
                    case SERIALIZABLE -> {
                        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                        number(statement, "SELECT V FROM T WHERE K = " + i);
                    }
                    case SNAPSHOT -> {
                        connection.setReadOnly(true);
                        statement.execute("SET TRANSACTION CONSISTENCY SNAPSHOT");
                        number(statement, "SELECT V FROM T WHERE K = " + i);
                    }
                }
            } catch (SQLException e) {
                open.remove(connection);
                connection.close();
                return e;
            }
        }
        throw new AssertionError(TOO_MANY + " transactions are open");
    }

    private static void assertAllReplicasAgree(Statement statement) throws SQLException {
        List<String> hashes = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            while (rows.next()) {
                hashes.add(rows.getString("SHARD") + rows.getString("HASH"));
            }
        }
        assertThat(hashes).hasSizeGreaterThanOrEqualTo(3).doesNotContain("0null", "1null");
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Each of them has had a storage session and a setting, and does nothing any more. */
    @Test
    void idleSessionsTakeNoPlace() throws Exception {
        String url = "jdbc:tunable:mem:idlePlaces?consistencyTimeout=20000";
        List<Connection> idle = new ArrayList<>();
        try (Connection keeper = DriverManager.getConnection(url);
                Statement other = keeper.createStatement()) {
            other.execute("CREATE TABLE T(K INT PRIMARY KEY, V INT)");
            other.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 1000)");
            assertAllReplicasAgree(other); // a new session may read any of them
            for (int i = 1; i <= TOO_MANY; i++) {
                Connection connection = DriverManager.getConnection(url);
                idle.add(connection);
                try (Statement statement = connection.createStatement()) {
                    number(statement, "SELECT V FROM T WHERE K = " + i + " WITH CONSISTENCY SNAPSHOT");
                    statement.executeUpdate("UPDATE T SET V = V + 1 WHERE K = " + i);
                    statement.execute("SET SCHEMA PUBLIC");
                    statement.execute("SET LOCK_TIMEOUT 1500");
                }
            }
            assertThat(other.executeUpdate("UPDATE T SET V = V + 1")).isEqualTo(1000);
            assertAllReplicasAgree(other);
        } finally {
            for (Connection connection : idle) {
                connection.close();
            }
        }
    }

    /** More threads than H2 has room for, all at once, each with a statement of its own. */
    @ParameterizedTest
    @CsvSource({"UPDATE T SET V = V + 1 WHERE K = ", "SELECT V FROM T WHERE K = "})
    void manyThreadsAreServedInTurn(String statement) throws Exception {
        String url = "jdbc:tunable:mem:turns" + statement.charAt(0) + "?consistencyTimeout=60000";
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        try (Connection keeper = DriverManager.getConnection(url);
                Statement other = keeper.createStatement()) {
            other.execute("CREATE TABLE T(K INT PRIMARY KEY, V INT)");
            other.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 1000)");
            assertAllReplicasAgree(other); // a new session may read any of them
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 1; i <= TOO_MANY; i++) {
                int key = i;
                Thread thread = new Thread(() -> {
                    try (Connection connection = DriverManager.getConnection(url);
                            Statement own = connection.createStatement()) {
                        start.await();
                        for (int turn = 0; turn < 5; turn++) {
                            own.execute(statement + key);
                        }
                    } catch (SQLException | InterruptedException e) {
                        failures.add(e.toString());
                    }
                });
                thread.start();
                threads.add(thread);
            }
            start.countDown();
            for (Thread thread : threads) {
                thread.join(120_000);
                assertThat(thread.isAlive()).as("still waits").isFalse();
            }
            assertThat(failures).isEmpty();
            assertThat(number(other, "SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE"))
                    .isEqualTo(statement.startsWith("UPDATE") ? 5L * TOO_MANY : 0);
        }
    }
}
