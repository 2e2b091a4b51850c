package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.Isolation;
import java.lang.management.ManagementFactory;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.h2.engine.Constants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WriterTest {
    private final Replicas replicas = new Replicas();

    @AfterEach
    void close() {
        replicas.close();
    }

    @Test
    void whatWasTakenBackIsNotCaptured() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY, V INT UNIQUE)");
        replicas.write("INSERT INTO T VALUES(1, 1), (2, 2), (3, 3)");
        try (Writer writer = replicas.leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            assertThatThrownBy(() -> statement.execute("UPDATE T SET V = 9")).isInstanceOf(SQLException.class);
            assertThat(writer.changes()).isNull();
            Savepoint savepoint = writer.connection().setSavepoint();
            statement.execute("DELETE FROM T");
            writer.connection().rollback(savepoint);
            assertThat(writer.changes()).isNull();
            statement.execute("SELECT * FROM T FOR UPDATE");
            statement.execute("INSERT INTO T VALUES(4, 4)");
            statement.execute("DELETE FROM T WHERE ID = 4");
            statement.execute("UPDATE T SET V = V");
            assertThat(writer.changes()).isNull();
            statement.execute("CREATE LOCAL TEMPORARY TABLE TEMP(I INT)");
            statement.execute("INSERT INTO TEMP VALUES(1)");
            assertThat(writer.changes()).as("rows of a temporary table").isNull();
            statement.execute("INSERT INTO T SELECT I + 10, I + 10 FROM TEMP");
            assertThat(writer.changes()).isNotNull();
            replicas.commit(writer);
        }
        replicas.assertSame();
    }

    @Test
    void nothingOfASnapshotIsLeftAfterItsRollback() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY)");
        replicas.write("INSERT INTO T VALUES(1)");
        try (Writer writer = replicas.leader.openWriter()) {
            writer.isolate(Isolation.SNAPSHOT);
            try (PreparedStatement count = writer.connection()
                    .prepareStatement("SELECT (SELECT COUNT(*) FROM T) FROM T WHERE ID = (SELECT MAX(ID) FROM T)")) {
                assertThat(only(count)).isEqualTo(1);
                replicas.write("INSERT INTO T VALUES(2)");
                assertThat(only(count)).as("the snapshot's").isEqualTo(1);
                writer.rollback();
                assertThat(only(count)).isEqualTo(2);
            }
        }
    }

    private static int only(PreparedStatement count) throws SQLException {
        try (ResultSet rows = count.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void aCommitFromAnotherThreadIsSeenAndWakesWaiters() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.write("INSERT INTO T VALUES(1, 0)");
        try (Writer first = replicas.leader.openWriter();
                Writer second = replicas.leader.openWriter();
                Statement one = first.connection().createStatement();
                Statement two = second.connection().createStatement()) {
            two.execute("SET LOCK_TIMEOUT 300000");
            for (int round = 1; round <= 50; round++) {
                one.execute("UPDATE T SET V = V + 1");
                CompletableFuture<Long> waiter = CompletableFuture.supplyAsync(() -> {
                    try {
                        two.execute("UPDATE T SET V = V + 1");
                        return System.nanoTime();
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                });
                awaitBlocked(second);
                CompletableFuture.runAsync(() -> replicas.commit(first)).get(60, TimeUnit.SECONDS);
                // one that is not woken waits for all of its lock timeout
                waiter.get(60, TimeUnit.SECONDS);
                CompletableFuture.runAsync(() -> replicas.commit(second)).get(60, TimeUnit.SECONDS);
                assertThat(Replicas.rows(replicas.follower, "SELECT V FROM T"))
                        .isEqualTo(List.of(List.of(String.valueOf(2 * round))));
            }
        }
    }

    private static void awaitBlocked(Writer writer) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(1))
                .until(writer::isBlocked);
    }

    @Test
    void aRollbackFromAnotherThreadEndsAWait() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.write("INSERT INTO T VALUES(1, 0)");
        try (Writer first = replicas.leader.openWriter();
                Writer second = replicas.leader.openWriter();
                Statement one = first.connection().createStatement();
                Statement two = second.connection().createStatement()) {
            two.execute("SET LOCK_TIMEOUT 300000");
            one.execute("UPDATE T SET V = 1");
            CompletableFuture<Boolean> waiter = CompletableFuture.supplyAsync(() -> {
                try {
                    return two.execute("UPDATE T SET V = 2");
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            awaitBlocked(second);
            first.rollback();
            waiter.get(60, TimeUnit.SECONDS);
            assertThat(first.changes()).isNull();
            replicas.commit(second);
            assertThat(first.lockedTables()).isEmpty();
        }
        replicas.assertSame();
    }

    @Test
    void cancelEndsARunningStatementOnly() throws Exception {
        try (Writer writer = replicas.leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            writer.cancel();
            CompletableFuture<String> running = CompletableFuture.supplyAsync(() -> {
                try {
                    statement.execute(
                            "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 100000) A, SYSTEM_RANGE(1, 100000) B WHERE A.X + B.X = 3");
                    return "done";
                } catch (SQLException e) {
                    return e.getSQLState();
                }
            });
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> {
                writer.cancel();
                return running.isDone();
            });
            assertThat(running.get()).isEqualTo("57014");
            writer.rollback();
            statement.execute("SELECT 1");
        }
    }

    @Test
    void aSnapshotIsolatedTransactionCommitsLikeAnyOther() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.write("INSERT INTO T VALUES(1, 0), (2, 0)");
        try (Writer writer = replicas.leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            writer.connection().setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
            statement.execute("SELECT * FROM T");
            replicas.write("UPDATE T SET V = 1 WHERE ID = 1");
            statement.execute("UPDATE T SET V = V + 10 WHERE ID = 2");
            replicas.commit(writer);
        }
        replicas.assertSame();
    }

    @Test
    void theLedgerStaysSmall() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY)");
        try (Writer writer = replicas.leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            for (int i = 0; i < 3000; i++) {
                statement.execute("INSERT INTO T VALUES(" + i + ")");
                byte[] changes = writer.changes();
                LedgerRow row = new LedgerRow(1, ++replicas.index, 1 + i % 7, i, new byte[] {(byte) i});
                writer.commit(row);
                replicas.follower.committed().apply(row, changes);
            }
        }
        try (Writer admin = replicas.leader.openAdminWriter();
                Statement statement = admin.connection().createStatement()) {
            var count = statement.executeQuery("SELECT COUNT(*) FROM TUNABLE_INTERNAL.LEDGER");
            count.next();
            assertThat(count.getInt(1)).isBetween(7, 300);
        }
        assertThat(replicas.follower.outcome(1 + 2999 % 7, 2999)).containsExactly((byte) 2999);
    }

    @Test
    void aReplicaThatIsNotAsTheLogSaysStops() throws Exception {
        replicas.defined("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.write("INSERT INTO T VALUES(1, 0)");
        try (Writer writer = replicas.leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            statement.execute("UPDATE T SET V = 1");
            byte[] update = writer.changes();
            writer.rollback();
            statement.execute("DELETE FROM T");
            byte[] delete = writer.changes();
            writer.rollback();
            statement.execute("INSERT INTO T VALUES(2, 2)");
            byte[] insert = writer.changes();
            writer.rollback();
            replicas.follower.committed().apply(LedgerRow.unasked(1, 10), delete);
            replicas.follower.committed().apply(LedgerRow.unasked(1, 11), insert);
            assertBroken(12, delete, "no row 1 in PUBLIC.T");
            assertBroken(13, update, "no row 1 in PUBLIC.T");
            assertBroken(14, insert, "Unique index or primary key violation");
            assertBroken(11, insert, "");
        }
    }

    private void assertBroken(long index, byte[] changes, String message) {
        assertThatThrownBy(() -> replicas.follower.committed().apply(LedgerRow.unasked(1, index), changes))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }

    @Test
    void closingLeavesNothingBehind() throws Exception {
        Storage.create("warm").close();
        int threads = ManagementFactory.getThreadMXBean().getThreadCount();
        long before = used();
        for (int i = 0; i < 200; i++) {
            try (Storage storage = Storage.create("many")) {
                storage.define(LedgerRow.unasked(1, 1), new SchemaChange("PUBLIC", "CREATE TABLE T(V VARCHAR)"));
                storage.openReader(); // left open
                storage.openWriter();
            }
        }
        assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThanOrEqualTo(threads + 3);
        assertThat(used() - before).as("bytes kept").isLessThan(20_000_000);
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
