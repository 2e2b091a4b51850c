package io.tunabledb.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long statements end when they are told to. */
@Timeout(60)
class CancelAndTimeoutTest {

    /** Hours, if nobody stops it. */
    private static final String ENDLESS =
            "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000) A, SYSTEM_RANGE(1, 1000000) B" + " WHERE A.X + B.X < 0";

    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(Urls.unique());
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        other.shutdownNow();
    }

    /** Runs {@code work} elsewhere and keeps calling {@code stop} until it has failed. */
    private Throwable stopped(Callable<?> work, Callable<?> stop) throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        Future<Throwable> failure = other.submit(() -> {
            started.countDown();
            return catchThrowable(work::call);
        });
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            started.await();
            stop.call();
            return failure.isDone();
        });
        return failure.get();
    }

    @Test
    void cancelStopsAQueryFromAnotherThread() throws Exception {
        try (Statement statement = connection.createStatement()) {
            Throwable failure = stopped(() -> statement.executeQuery(ENDLESS), () -> {
                statement.cancel();
                return null;
            });
            assertCancelled(failure);
            assertThat(statement.execute("SELECT 1")).as("usable afterwards").isTrue();
        }
    }

    private static void assertCancelled(Throwable failure) {
        assertThat(failure)
                .isInstanceOf(SQLTimeoutException.class)
                .extracting("SQLState")
                .isEqualTo("57014");
    }

    @Test
    void cancelStopsAPreparedQuery() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement(ENDLESS)) {
            Throwable failure = stopped(statement::executeQuery, () -> {
                statement.cancel();
                return null;
            });
            assertCancelled(failure);
        }
    }

    @Test
    void cancelWithNothingRunningDoesNothing() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.cancel();
            statement.execute("SELECT 1");
            statement.cancel();
            assertThat(statement.execute("SELECT 1")).isTrue();
        }
    }

    @Test
    void aQueryTimeoutEndsAQuery() throws SQLException {
        try (Statement statement = connection.createStatement();
                PreparedStatement prepared = connection.prepareStatement(ENDLESS)) {
            statement.setQueryTimeout(1);
            assertThat(statement.getQueryTimeout()).isEqualTo(1);
            prepared.setQueryTimeout(1);
            assertTimesOut(() -> statement.executeQuery(ENDLESS));
            assertTimesOut(prepared::executeQuery);
        }
    }

    private static void assertTimesOut(Callable<?> query) {
        long start = System.nanoTime();
        assertThatThrownBy(query::call)
                .isInstanceOf(SQLTimeoutException.class)
                .extracting("SQLState")
                .isEqualTo("57014");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
    }

    @Test
    void aQueryTimeoutIsOfOneStatementOnly() throws SQLException {
        try (Statement first = connection.createStatement();
                Statement second = connection.createStatement()) {
            first.setQueryTimeout(1);
            assertThat(second.getQueryTimeout()).isZero();
        }
    }

    @Test
    void closingTheConnectionStopsWhatRuns() throws Exception {
        Statement statement = connection.createStatement();
        Throwable failure = stopped(() -> statement.executeQuery(ENDLESS), () -> {
            connection.close();
            return null;
        });
        assertThat(failure).isInstanceOf(SQLException.class);
        assertThat(connection.isClosed()).isTrue();
        assertThat(statement.isClosed()).isTrue();
    }

    @Test
    void abortEndsAConnectionThatIsBusy() throws Exception {
        Statement statement = connection.createStatement();
        Throwable failure = stopped(() -> statement.executeQuery(ENDLESS), () -> {
            connection.abort(Runnable::run);
            return null;
        });
        assertThat(failure).isInstanceOf(SQLException.class);
        assertThat(connection.isClosed()).isTrue();
        assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
        assertThatThrownBy(connection::commit)
                .isInstanceOf(SQLException.class)
                .extracting("SQLState")
                .isEqualTo("08003");
    }
}
