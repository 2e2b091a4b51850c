package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tunabledb.engine.EmbeddedCluster;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A statement that is given up, cancelled or out of time never takes effect afterwards, unless it was proposed before. */
@Timeout(60)
@ParameterizedClass
@ValueSource(ints = {1, 4})
class GivenUpTest {
    private static final ExecutorService OTHER = Executors.newCachedThreadPool();
    private static String url;
    private static Connection keeper;
    private static EmbeddedCluster nodes;

    @Parameter
    int shards;

    private Connection locker;
    private Connection victim;

    @BeforeParameterizedClassInvocation
    static void start(int shards) throws SQLException {
        // patient, so that what ends a wait is not the engine's own deadline, nor a leader's loss
        url = Urls.unique() + "&electionTimeout=5000&consistencyTimeout=30000&shards=" + shards;
        keeper = DriverManager.getConnection(url);
        nodes = keeper.unwrap(TunableConnection.class).cluster();
        run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, N INT)" + (shards == 1 ? "" : " SHARD BY (ID)"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws SQLException {
        keeper.close();
    }

    @AfterAll
    static void end() {
        OTHER.shutdownNow();
    }

    @BeforeEach
    void open() throws SQLException {
        run(keeper, "MERGE INTO T(ID, N) VALUES (1, 1), (2, 1), (3, 1), (4, 1)");
        locker = DriverManager.getConnection(url);
        victim = DriverManager.getConnection(url);
        run(victim, "SET LOCK_TIMEOUT 30000");
    }

    @AfterEach
    void close() throws SQLException {
        nodes.heal();
        locker.close();
        victim.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long sum(Connection connection, String what) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + what + " FROM T WITH CONSISTENCY LINEARIZABLE")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void lock() throws SQLException {
        locker.setAutoCommit(false);
        run(locker, "UPDATE T SET N = 7");
    }

    /** Whoever had a row locked or waits for one has ended. */
    private static void awaitNoTransaction() {
        Awaitility.await().until(() -> {
            try (Statement statement = keeper.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS")) {
                rows.next();
                return rows.getLong(1) == 0;
            }
        });
    }

    private void unlockAndRequireUntouched() throws SQLException {
        locker.commit();
        awaitNoTransaction();
        assertThat(sum(keeper, "SUM(N)")).isEqualTo(4 * 7);
        assertThat(sum(keeper, "COUNT(*)")).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE T SET N = 8",
                "UPDATE T SET N = 8 WHERE ID = 2",
                "DELETE FROM T",
                "MERGE INTO T VALUES (3, 8)",
                "UPDATE T SET N = 8 WHERE ID = 1; UPDATE T SET N = 9 WHERE ID = 2",
                "SELECT N FROM T WHERE ID = 4 FOR UPDATE"
            })
    void aStatementThatWaitsForARowHasNoEffectOnceItsCallerIsGone(String sql) throws SQLException {
        lock();
        victim.setNetworkTimeout(Runnable::run, 150);
        assertThat(catchThrowable(() -> run(victim, sql)))
                .extracting("SQLState")
                .isEqualTo("08006");
        unlockAndRequireUntouched();
    }

    @Test
    void aBatchHasNone() throws SQLException {
        lock();
        victim.setNetworkTimeout(Runnable::run, 150);
        try (PreparedStatement statement = victim.prepareStatement("UPDATE T SET N = 8 WHERE ID = ?")) {
            for (int id = 1; id <= 4; id++) {
                statement.setInt(1, id);
                statement.addBatch();
            }
            assertThat(catchThrowable(statement::executeBatch)).isInstanceOf(SQLException.class);
        }
        unlockAndRequireUntouched();
    }

    @Test
    void aTransactionIsRolledBack() throws SQLException {
        victim.setAutoCommit(false);
        run(victim, "INSERT INTO T VALUES (5, 5)");
        lock();
        victim.setNetworkTimeout(Runnable::run, 150);
        assertThat(catchThrowable(() -> run(victim, "UPDATE T SET N = 8 WHERE ID = 2")))
                .extracting("SQLState")
                .isEqualTo("08006");
        unlockAndRequireUntouched();
    }

    @Test
    void aTimeoutReachesAWaitForARow() throws SQLException {
        lock();
        try (Statement statement = victim.createStatement()) {
            statement.setQueryTimeout(1);
            assertThat(catchThrowable(() -> statement.execute("UPDATE T SET N = 8 WHERE ID = 2")))
                    .extracting("SQLState")
                    .isEqualTo("57014");
        }
        unlockAndRequireUntouched();
        run(victim, "UPDATE T SET N = 9 WHERE ID = 2");
        assertThat(sum(victim, "SUM(N)")).as("the session goes on").isEqualTo(3 * 7 + 9);
    }

    /** Whenever it comes: before the statement is storage's, while it waits, or as the wait ends. */
    @Test
    void aSingleCancelIsNeverLost() throws Exception {
        lock();
        for (int i = 0; i < 30; i++) {
            try (Statement statement = victim.createStatement()) {
                statement.execute("SELECT 1");
                CountDownLatch begun = new CountDownLatch(1);
                Future<Throwable> update = OTHER.submit(() -> {
                    begun.countDown();
                    return catchThrowable(() -> statement.execute("UPDATE T SET N = 8 WHERE ID = 2"));
                });
                begun.await();
                // one that comes before the execution has begun is none of it
                Awaitility.await().pollInterval(Duration.ofMillis(1)).until(GivenUpTest::isWaiting);
                statement.cancel();
                assertThat(update.get()).extracting("SQLState").isEqualTo("57014");
            }
        }
        unlockAndRequireUntouched();
    }

    /** The victim's transaction beside the locker's, in any shard. */
    private static boolean isWaiting() throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS GROUP BY SHARD HAVING COUNT(*) > 1")) {
            return rows.next();
        }
    }

    /** The leader has it in its log, and nobody else can confirm it. */
    @Test
    void aTimeoutAfterTheProposalSaysThatTheOutcomeIsNotKnown() throws SQLException {
        for (int node = 1; node <= 3; node++) {
            nodes.isolate(node);
        }
        try (Statement statement = victim.createStatement()) {
            statement.setQueryTimeout(1);
            assertThat(catchThrowable(() -> statement.execute("UPDATE T SET N = 8 WHERE ID = 2")))
                    .hasMessageContaining("cancelled after it was proposed")
                    .extracting("SQLState")
                    .isEqualTo("08007");
        }
        nodes.heal();
        awaitNoTransaction();
        assertThat(sum(keeper, "SUM(N)")).isIn(4L, 3L + 8);
    }

    private static List<Long> rowByRow() throws SQLException {
        List<Long> rows = new ArrayList<>();
        try (PreparedStatement statement =
                keeper.prepareStatement("SELECT N FROM T WHERE ID = ? WITH CONSISTENCY LINEARIZABLE")) {
            for (int id = 1; id <= 4; id++) {
                statement.setInt(1, id);
                try (ResultSet row = statement.executeQuery()) {
                    rows.add(row.next() ? row.getLong(1) : -1);
                }
            }
        }
        return rows;
    }

    /** What a caller does who doesn't wait, with a statement that sets rows to a number. */
    private static void write(Connection connection, String how, int number) throws SQLException {
        switch (how) {
            case "one row" -> run(connection, "UPDATE T SET N = " + number + " WHERE ID = 2");
            case "all rows" -> run(connection, "UPDATE T SET N = " + number);
            case "gathered" -> run(connection, "UPDATE T SET N = " + number + " + 0 * (SELECT COUNT(*) FROM T)");
            case "a batch" -> {
                try (PreparedStatement statement = connection.prepareStatement("UPDATE T SET N = ? WHERE ID = ?")) {
                    for (int id = 1; id <= 4; id++) {
                        statement.setInt(1, number);
                        statement.setInt(2, id);
                        statement.addBatch();
                    }
                    statement.executeBatch();
                }
            }
            default -> {
                connection.setAutoCommit(false);
                run(connection, "UPDATE T SET N = " + number + " WHERE ID = 1");
                run(connection, "UPDATE T SET N = " + number + " WHERE ID > 1");
                connection.commit();
            }
        }
    }

    /** @param unknown how often a caller must have been told that nobody knows: his patience is made shorter or longer for that */
    private void neverChangesAfterItsCallerIsGone(long seed, int unknown) throws SQLException {
        Random random = new Random(seed);
        List<String> ways = List.of("one row", "all rows", "gathered", "a batch", "a transaction");
        int patienceMillis = 100;
        int found = 0;
        for (int round = 0; found < unknown; round++) {
            assertThat(round).as("seed %d: rounds with %d unknown", seed, found).isLessThan(100 * unknown);
            String how = ways.get(random.nextInt(ways.size()));
            for (int node = 1; node <= 3; node++) {
                nodes.slow(node, Duration.ofMillis(10 + random.nextInt(25)));
            }
            Connection caller = DriverManager.getConnection(url);
            caller.setNetworkTimeout(Runnable::run, 1 + random.nextInt(patienceMillis));
            String told = "done";
            try {
                write(caller, how, 100 + round);
            } catch (SQLException e) {
                told = e.getSQLState();
            }
            List<Long> read = rowByRow();
            nodes.heal();
            caller.close();
            awaitNoTransaction();
            assertThat(rowByRow())
                    .as("seed %d, round %d, %s, told %s", seed, round, how, told)
                    .isEqualTo(read);
            switch (told) {
                case "done" -> patienceMillis = Math.max(2, patienceMillis * 2 / 3);
                case "08006" -> patienceMillis = Math.min(4000, patienceMillis * 3 / 2);
                case "08007" -> found++;
                default -> throw new AssertionError("seed " + seed + ", round " + round + ": told " + told);
            }
            if (told.equals("08006")) {
                assertThat(read).as("seed %d, round %d, %s", seed, round, how).doesNotContain(100L + round);
            }
        }
    }

    /** Told that nobody knows, a caller reads: what he sees at LINEARIZABLE is its final fate. */
    @Test
    void whatIsReadAfterwardsIsItsFinalFate() throws SQLException {
        neverChangesAfterItsCallerIsGone(System.nanoTime(), 3);
    }

    @Test
    @Tag("campaign")
    @Timeout(3600)
    void whatIsReadAfterwardsIsItsFinalFateForLong() throws SQLException {
        neverChangesAfterItsCallerIsGone(System.nanoTime(), 300);
    }

    @Test
    void aQueryOutOfItsSessionsTimeIsCancelled() throws SQLException {
        run(victim, "SET QUERY_TIMEOUT 200");
        assertThat(catchThrowable(() -> run(victim, "SELECT MAX(RAND()) FROM SYSTEM_RANGE(1, 3000000000)")))
                .extracting("SQLState")
                .isEqualTo("57014");
    }
}
