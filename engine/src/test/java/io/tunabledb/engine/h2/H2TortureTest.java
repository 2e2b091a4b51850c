package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.engine.Constants;
import org.junit.jupiter.api.Test;

/**
 * Plain H2 in memory under concurrent transfers: the total never changes, for no reader. Everything here stands on that,
 * and H2's file store does not have it, so an upgrade of H2 has to show it again.
 */
final class H2TortureTest {
    private static final String URL = "jdbc:h2:mem:torture;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=500";
    private static final int ACCOUNTS = 40;
    private static final long TOTAL = ACCOUNTS * 1000L;
    private static final long SECONDS = Long.getLong("torture.seconds", 3);

    private final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong deadlocks = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();

    @Test
    void totalsStayRightUnderTransfersRollbacksAndDeadlocks() throws Exception {
        try (Connection keeper = DriverManager.getConnection(URL);
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE ACCOUNT(ID INT PRIMARY KEY, BALANCE BIGINT, NOTE VARCHAR UNIQUE)");
            statement.execute("INSERT INTO ACCOUNT SELECT X, 1000, 'n' || X FROM SYSTEM_RANGE(1, " + ACCOUNTS + ")");
            ExecutorService threads = Executors.newCachedThreadPool();
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long seed = i;
                all.add(threads.submit(() -> transfer(new Random(seed))));
                boolean snapshot = i % 2 == 0;
                all.add(threads.submit(() -> watch(snapshot)));
            }
            for (Future<?> each : all) {
                each.get(SECONDS + 30, TimeUnit.SECONDS);
            }
            threads.shutdown();
            assertThat(total(statement)).isEqualTo(TOTAL);
            assertThat(committed.get()).isGreaterThan(100);
            assertThat(reads.get()).isGreaterThan(100);
            assertThat(deadlocks.get()).as("the test does meet deadlocks").isPositive();
            statement.execute("SHUTDOWN IMMEDIATELY");
        }
    }

    private Void transfer(Random random) throws SQLException {
        try (Connection connection = DriverManager.getConnection(URL);
                PreparedStatement update =
                        connection.prepareStatement("UPDATE ACCOUNT SET BALANCE = BALANCE + ? WHERE ID = ?");
                Statement other = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (System.nanoTime() < deadline) {
                try {
                    int amount = random.nextInt(100);
                    add(update, -amount, random);
                    Savepoint savepoint = connection.setSavepoint();
                    if (random.nextInt(4) == 0) {
                        add(update, 12345, random);
                        connection.rollback(savepoint);
                    }
                    if (random.nextInt(4) == 0) {
                        fail(other);
                    }
                    add(update, amount, random);
                    if (random.nextInt(10) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                        committed.incrementAndGet();
                    }
                } catch (SQLException e) {
                    // a deadlock's victim, or a lock timeout: H2 has taken the statement or the transaction back
                    boolean marked = e.getMessage().contains("ROLLING_BACK"); // see DeadlockMark
                    if (marked || e.getSQLState().equals("40001")) {
                        deadlocks.incrementAndGet();
                    } else {
                        assertThat(e.getSQLState()).as(e.toString()).isEqualTo("HYT00");
                    }
                    connection.rollback();
                }
            }
        }
        return null;
    }

    private static void add(PreparedStatement update, long amount, Random random) throws SQLException {
        update.setLong(1, amount);
        update.setInt(2, 1 + random.nextInt(ACCOUNTS));
        update.executeUpdate();
    }

    /** Changes many rows, then breaks a unique key, so that H2 has to undo the statement. */
    private static void fail(Statement statement) throws SQLException {
        try {
            statement.execute("UPDATE ACCOUNT SET BALANCE = BALANCE + 1, NOTE = 'same' WHERE ID <= 3");
            throw new AssertionError("two notes are the same");
        } catch (SQLException e) {
            if (!e.getSQLState().equals("23505")) {
                throw e; // the transaction may be gone, not just the statement
            }
        }
    }

    private Void watch(boolean snapshot) throws SQLException {
        try (Connection connection = DriverManager.getConnection(URL);
                Statement statement = connection.createStatement()) {
            if (snapshot) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
            }
            while (System.nanoTime() < deadline) {
                for (int i = 0; i < 3; i++) {
                    assertThat(total(statement)).isEqualTo(TOTAL);
                }
                if (snapshot) {
                    connection.commit();
                }
                reads.incrementAndGet();
            }
        }
        return null;
    }

    private static long total(Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT SUM(BALANCE) FROM ACCOUNT")) {
            result.next();
            return result.getLong(1);
        }
    }
}
