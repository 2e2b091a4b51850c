package io.tunabledb.jdbc.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import io.tunabledb.jdbc.Urls;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No call waits longer for the database than the network timeout says, whatever it waits for. */
@Timeout(60)
class NetworkTimeoutTest {
    private static final int SOON = 150;
    private static final int LONG = 30_000;
    /** What is far more than the limit and far less than the waits that it cuts short. */
    private static final Duration IN_TIME = Duration.ofSeconds(20);

    private static final String ENDLESS =
            "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000) A, SYSTEM_RANGE(1, 1000000) B WHERE A.X + B.X < 0";

    /** Patient, so that what ends a wait is not the engine's own deadline, nor a leader's loss. */
    private static final String URL = Urls.unique() + "&electionTimeout=5000&consistencyTimeout=" + LONG;

    private static final ExecutorService OTHER = Executors.newSingleThreadExecutor();
    private static Connection keeper;
    private static EmbeddedCluster nodes;

    private Connection connection;

    @BeforeAll
    static void start() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        nodes = keeper.unwrap(TunableConnection.class).cluster();
        run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, N INT)");
    }

    @AfterAll
    static void stop() throws SQLException {
        OTHER.shutdownNow();
        keeper.close();
    }

    @BeforeEach
    void open() throws SQLException {
        run(keeper, "MERGE INTO T VALUES (1, 1)");
        connection = DriverManager.getConnection(URL);
    }

    @AfterEach
    void close() throws SQLException {
        nodes.heal();
        connection.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int number(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT N FROM T WHERE ID = 1 WITH CONSISTENCY LINEARIZABLE")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private void limit(int millis) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, millis);
    }

    @Test
    void whatNoThreadIsLeftForIsRefusedAndNotBegun() {
        List<Runnable> taken = new ArrayList<>();
        NetworkTimeout timeout = new NetworkTimeout(
                work -> {
                    taken.add(work);
                    throw new RejectedExecutionException();
                },
                () -> false,
                () -> {});
        timeout.set(SOON);
        assertThat(catchThrowable(() -> timeout.within(() -> 1)))
                .hasMessageContaining("was not begun")
                .extracting("SQLState")
                .isEqualTo("TC006");
        assertThat(taken).hasSize(1);
    }

    /** {@code call} fails in time, and leaves a connection that is of no use but can be closed at once. */
    private void assertGivenUp(Callable<?> call) throws SQLException {
        assertGivenUp("08006", call);
    }

    private void assertGivenUp(String state, Callable<?> call) throws SQLException {
        long began = System.nanoTime();
        Throwable failure = catchThrowable(call::call);
        assertThat(failure)
                .isInstanceOf(SQLRecoverableException.class)
                .hasMessageContaining(SOON + " ms")
                .extracting("SQLState")
                .isEqualTo(state);
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(5)).isFalse();
        assertThat(catchThrowableOfType(SQLException.class, connection::createStatement)
                        .getSQLState())
                .isEqualTo("08003");
        connection.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(SOON), IN_TIME);
    }

    @Test
    void aLongQuery() throws SQLException {
        limit(SOON);
        try (Statement statement = connection.createStatement()) {
            assertGivenUp(() -> statement.executeQuery(ENDLESS));
            assertThat(catchThrowableOfType(SQLException.class, () -> statement.executeQuery("SELECT 1"))
                            .getSQLState())
                    .isEqualTo("08003");
        }
    }

    @Test
    void aPreparedQueryInATransactionOnTheLeader() throws SQLException {
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET N = 5");
        limit(SOON);
        try (PreparedStatement statement = connection.prepareStatement(ENDLESS)) {
            assertGivenUp(statement::executeQuery);
        }
        run(keeper, "UPDATE T SET N = N + 1");
        assertThat(number(keeper)).as("rolled back, with its locks").isEqualTo(2);
    }

    @Test
    void aRowThatAnotherHasLocked() throws SQLException {
        try (Connection locker = DriverManager.getConnection(URL)) {
            locker.setAutoCommit(false);
            run(locker, "UPDATE T SET N = 7");
            run(connection, "SET LOCK_TIMEOUT " + LONG);
            limit(SOON);
            assertGivenUp(() -> {
                run(connection, "UPDATE T SET N = 8");
                return null;
            });
            locker.commit();
        }
        assertThat(number(keeper)).isEqualTo(7);
    }

    @Test
    void aWriteThatNoMajorityConfirms() throws SQLException {
        for (int node = 1; node <= 3; node++) {
            nodes.isolate(node);
        }
        limit(SOON);
        assertGivenUp("08007", () -> {
            run(connection, "UPDATE T SET N = 9");
            return null;
        });
        nodes.heal();
        assertThat(number(keeper)).as("whether it took effect is not known").isIn(1, 9);
    }

    /** The transaction is the log's by now, and must not be taken from it by closing the session. */
    @Test
    void aCommitThatIsUnderWayTakesEffectAfterwards() throws SQLException {
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET N = 11");
        int leader = slowFollowers();
        limit(SOON);
        assertGivenUp("08007", () -> {
            connection.commit();
            return null;
        });
        nodes.heal();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> number(keeper) == 11);
        assertStillLeads(leader);
    }

    /** As above, by the application's own will. */
    @Test
    void aCommitThatIsAbortedTakesEffectAfterwards() throws Exception {
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET N = 12");
        int leader = slowFollowers();
        Future<Throwable> commit = OTHER.submit(() -> catchThrowable(connection::commit));
        Awaitility.await().until(() -> openTransactions("PROPOSED") == 1);
        connection.abort(Runnable::run);
        assertThat(connection.isClosed()).isTrue();
        nodes.heal();
        assertThat(commit.get()).isNull();
        assertThat(number(keeper)).isEqualTo(12);
        assertStillLeads(leader);
    }

    @Test
    void whoInterruptsASchemaChangeThatIsProposedIsToldThatItMayTakeEffect() throws Exception {
        for (int node = 1; node <= 3; node++) {
            nodes.isolate(node);
        }
        Thread[] definer = new Thread[1];
        Future<Throwable> change = OTHER.submit(() -> {
            definer[0] = Thread.currentThread();
            Throwable failure = catchThrowable(() -> run(connection, "CREATE TABLE IF NOT EXISTS M(ID INT)"));
            assertThat(Thread.interrupted()).isTrue();
            return failure;
        });
        Awaitility.await().until(() -> definer[0] != null && definer[0].getState() == Thread.State.TIMED_WAITING);
        definer[0].interrupt();
        assertThat(change.get()).extracting("SQLState").isEqualTo("08007");
        nodes.heal();
    }

    private static int slowFollowers() {
        int leader = nodes.leader();
        for (int node = 1; node <= 3; node++) {
            if (node != leader) {
                nodes.slow(node, Duration.ofMillis(300));
            }
        }
        return leader;
    }

    private static long openTransactions(String phase) throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS WHERE STATE = '" + phase + "'")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** A replica that can't apply what it promised to stops, and is rebuilt by the others. */
    private static void assertStillLeads(int leader) {
        assertThat(nodes.leader()).isEqualTo(leader);
    }

    @Test
    void eachStatementOfABatchHasTheLimitToItself() throws SQLException {
        nodes.isolate(nodes.leader() == 1 ? 2 : 1);
        limit(1_200);
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < 3; i++) {
                statement.addBatch("UPDATE T SET N = N + 1 WITH CONSISTENCY LINEARIZABLE WITHIN 500 MS ACK ALL");
            }
            BatchUpdateException late = catchThrowableOfType(BatchUpdateException.class, statement::executeBatch);
            assertThat(late.getUpdateCounts()).hasSize(3).containsOnly(Statement.EXECUTE_FAILED);
            assertThat(late.getSQLState()).isEqualTo("TC001");
        }
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void whatIsInTimeIsAsWithoutALimit() throws SQLException {
        limit(LONG);
        connection.setAutoCommit(false);
        run(connection, "UPDATE T SET N = 20");
        Savepoint savepoint = connection.setSavepoint();
        run(connection, "UPDATE T SET N = 21");
        connection.rollback(savepoint);
        connection.commit();
        try (Statement statement =
                        connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
                ResultSet rows = statement.executeQuery("SELECT * FROM T")) {
            rows.next();
            assertThat(rows.getInt("N")).isEqualTo(20);
            rows.updateInt("N", 22);
            rows.updateRow();
        }
        connection.setAutoCommit(true);
        assertThat(number(connection)).isEqualTo(22);
        assertThat(connection.getMetaData().getTables(null, "PUBLIC", "T", null).next())
                .isTrue();
        Throwable failure = catchThrowable(() -> run(connection, "INSERT INTO T VALUES (1, 1)"));
        assertThat(failure).extracting("SQLState").isEqualTo("23505");
        assertThat(failure.getStackTrace())
                .as("tells who asked")
                .anyMatch(frame -> frame.getClassName().equals(NetworkTimeoutTest.class.getName()));
        assertThat(connection.isValid(5)).isTrue();
    }

    @Test
    void zeroIsNoLimit() throws SQLException {
        limit(SOON);
        limit(0);
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThat(catchThrowableOfType(SQLException.class, () -> statement.executeQuery(ENDLESS))
                            .getSQLState())
                    .isEqualTo("57014");
        }
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void cancelAndInterruptReachTheRequest() throws Exception {
        limit(LONG);
        try (Statement statement = connection.createStatement()) {
            Future<Throwable> query = OTHER.submit(() -> catchThrowable(() -> statement.executeQuery(ENDLESS)));
            Awaitility.await().until(() -> {
                statement.cancel();
                return query.isDone();
            });
            assertThat(query.get()).extracting("SQLState").isEqualTo("57014");
        }
        try (Connection far = DriverManager.getConnection(URL + "&home=" + (nodes.leader() == 1 ? 2 : 1))) {
            far.setNetworkTimeout(Runnable::run, LONG);
            for (int node = 1; node <= 3; node++) {
                nodes.isolate(node);
            }
            Thread[] reader = new Thread[1];
            Future<Throwable> read = OTHER.submit(() -> {
                reader[0] = Thread.currentThread();
                Throwable failure = catchThrowable(() -> number(far));
                assertThat(Thread.interrupted()).isTrue();
                return failure;
            });
            Awaitility.await().until(() -> reader[0] != null && reader[0].getState() == Thread.State.TIMED_WAITING);
            reader[0].interrupt();
            assertThat(read.get()).extracting("SQLState").isEqualTo("57014");
            nodes.heal();
        }
    }

    @Test
    void whoWaitsForItsTurnIsToldThatTheConnectionIsClosed() throws Exception {
        limit(SOON);
        try (Statement first = connection.createStatement();
                Statement second = connection.createStatement()) {
            Future<Throwable> waits = OTHER.submit(() -> catchThrowable(() -> first.executeQuery(ENDLESS)));
            Throwable other = catchThrowable(() -> second.executeQuery(ENDLESS));
            assertThat(new Object[] {waits.get(), other})
                    .extracting("SQLState")
                    .containsExactlyInAnyOrder("08006", "08003");
        }
    }
}
