package io.tunabledb.engine.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.engine.Constants;
import org.junit.jupiter.api.Test;

/**
 * Random concurrent transactions on a leader whose commits go through one queue, as a log would order them; a second
 * storage applies what they captured, a third starts from a snapshot taken in the middle. All end up the same.
 */
final class ReplicationTortureTest {
    private static final int ENTRIES = Integer.getInteger("torture.entries", 500);
    private static final int WRITERS = 6;

    private final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    private final AtomicInteger applied = new AtomicInteger();
    private final BlockingQueue<Proposed> log = new LinkedBlockingQueue<>();
    private final AtomicInteger failedStatements = new AtomicInteger();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Proposed(Writer writer, byte[] changes, CountDownLatch applied) {}

    @Test
    void replicasStayTheSame() throws Exception {
        try (Replicas replicas = new Replicas()) {
            replicas.defined(
                    "CREATE TABLE PARENT(ID INT PRIMARY KEY, U INT UNIQUE, V VARCHAR)",
                    "CREATE TABLE CHILD(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                            + " P INT REFERENCES PARENT ON DELETE CASCADE ON UPDATE CASCADE, N INT)",
                    "CREATE TABLE LOOSE(P INT REFERENCES PARENT ON DELETE SET NULL, D INT DEFAULT RAND() * 1000)",
                    "CREATE INDEX LOOSE_D ON LOOSE(D)",
                    "CREATE TABLE TEXTKEY(K VARCHAR(10) PRIMARY KEY, N INT, W VARCHAR AS (K || N))");
            StringBuilder rows = new StringBuilder("INSERT INTO PARENT VALUES");
            for (int i = 1; i <= 40; i++) {
                rows.append(i == 1 ? "" : ",").append("(" + i + "," + i + ",'x')");
            }
            replicas.write(rows.toString());
            ExecutorService threads = Executors.newCachedThreadPool();
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                long seed = i;
                writers.add(threads.submit(() -> write(replicas.leader, new Random(seed))));
            }
            Future<byte[]> applying = threads.submit(() -> apply(replicas, writers));
            for (Future<?> writer : writers) {
                writer.get(100, TimeUnit.SECONDS);
            }
            byte[] middle = applying.get(60, TimeUnit.SECONDS);
            threads.shutdown();
            replicas.assertSame();
            assertThat(applied.get()).as("entries").isGreaterThanOrEqualTo(ENTRIES);
            assertThat(failedStatements.get()).as("failed statements").isGreaterThan(10);
            assertThat(middle).isNotEmpty();
            replicas.reloadFollower();
            Storage.load("middle", new ByteArrayInputStream(middle)).close();
            replicas.failOver();
            replicas.write("INSERT INTO CHILD(P, N) SELECT MIN(ID), 1 FROM PARENT");
            replicas.assertSame();
        }
    }

    /** The apply thread: one entry after the other, here and there. */
    private byte[] apply(Replicas replicas, List<Future<?>> writers) throws Exception {
        byte[] middle = {};
        Storage third = null;
        while (true) {
            Proposed entry = log.poll(10, TimeUnit.MILLISECONDS);
            if (entry == null) {
                if (writers.stream().allMatch(Future::isDone) && log.isEmpty()) {
                    break;
                }
                continue;
            }
            LedgerRow row = replicas.nextRow();
            entry.writer().commit(row);
            applied.incrementAndGet();
            entry.applied().countDown();
            replicas.follower.committed().apply(row, entry.changes());
            if (third != null) {
                third.committed().apply(row, entry.changes());
            }
            if (row.index() == 300) {
                middle = Replicas.snapshot(replicas.leader); // with transactions of others open
                third = Storage.load("third", new ByteArrayInputStream(middle));
            }
        }
        if (third != null) {
            assertThat(Replicas.hashes(third)).isEqualTo(Replicas.hashes(replicas.leader));
            third.close();
        }
        return middle;
    }

    private Void write(Storage leader, Random random) throws Exception {
        try (Writer writer = leader.openWriter();
                Statement statement = writer.connection().createStatement()) {
            writer.connection()
                    .setTransactionIsolation(
                            random.nextBoolean()
                                    ? Constants.TRANSACTION_SNAPSHOT
                                    : Connection.TRANSACTION_READ_COMMITTED);
            statement.execute("SET LOCK_TIMEOUT 100");
            while (applied.get() < ENTRIES && System.nanoTime() < deadline) {
                int statements = 1 + random.nextInt(6);
                for (int i = 0; i < statements; i++) {
                    maybeWithSavepoint(writer, statement, random);
                }
                byte[] changes = random.nextInt(10) == 0 ? null : writer.changes();
                if (changes == null) {
                    writer.rollback();
                    continue;
                }
                Proposed entry = new Proposed(writer, changes, new CountDownLatch(1));
                log.add(entry);
                assertThat(entry.applied().await(30, TimeUnit.SECONDS)).isTrue();
            }
            writer.rollback();
        }
        return null;
    }

    private void maybeWithSavepoint(Writer writer, Statement statement, Random random) throws SQLException {
        if (random.nextInt(5) > 0) {
            run(writer, statement, random);
            return;
        }
        try {
            Savepoint savepoint = writer.connection().setSavepoint();
            run(writer, statement, random);
            run(writer, statement, random);
            writer.connection().rollback(savepoint);
        } catch (SQLException e) {
            // a deadlock's victim loses its savepoints with its transaction
            failedStatements.incrementAndGet();
        }
    }

    private void run(Writer writer, Statement statement, Random random) {
        int a = 1 + random.nextInt(40);
        int b = 1 + random.nextInt(40);
        String sql = switch (random.nextInt(18)) {
            case 0 -> "UPDATE PARENT SET V = V || 'y' WHERE ID = " + a + " AND LENGTH(V) < 20";
            case 1 ->
                "UPDATE PARENT SET U = CASE U WHEN " + a + " THEN " + b + " ELSE " + a + " END WHERE U IN (" + a + ", "
                        + b + ")";
            case 2 -> "UPDATE PARENT SET U = " + a + " WHERE ID IN (" + a + ", " + b + ")"; // may clash
            case 3 -> "DELETE FROM PARENT WHERE ID = " + a;
            case 4 -> "INSERT INTO PARENT VALUES(" + a + ", " + b + ", 'new')"; // often clashes
            case 5 -> "UPDATE PARENT SET ID = ID + 100 WHERE ID = " + a;
            case 6 -> "UPDATE PARENT SET ID = ID - 100 WHERE ID > 100";
            case 7, 8 -> "INSERT INTO CHILD(P, N) VALUES(" + a + ", " + b + "), (" + b + ", " + a + ")";
            case 9 -> "DELETE FROM CHILD WHERE N = " + a;
            case 10 -> "INSERT INTO LOOSE(P) SELECT ID FROM PARENT WHERE ID < " + a + " LIMIT 3";
            case 11 -> "UPDATE LOOSE SET D = RAND() * 1000 WHERE D < " + 10 * a;
            case 12 -> "DELETE FROM LOOSE WHERE D > " + 25 * b;
            case 13 -> "INSERT INTO LOOSE(P, D) VALUES(NULL, 7), (NULL, 7), (NULL, 7)";
            case 14 -> "MERGE INTO TEXTKEY(K, N) KEY(K) VALUES('k" + a % 10 + "', " + b + ")";
            case 15 ->
                "MERGE INTO TEXTKEY T USING (VALUES('k" + b % 12 + "', " + a + ")) S(K, N) ON T.K = S.K"
                        + " WHEN MATCHED AND T.N > 30 THEN DELETE WHEN MATCHED THEN UPDATE SET N = S.N"
                        + " WHEN NOT MATCHED THEN INSERT(K, N) VALUES(S.K, S.N)";
            case 16 -> "SELECT * FROM PARENT WHERE ID = " + a + " FOR UPDATE";
            default -> "UPDATE TEXTKEY SET K = 'k" + a % 12 + "' WHERE K = 'k" + b % 12 + "'";
        };
        try {
            statement.execute(sql);
        } catch (SQLException thrown) {
            SQLException e = writer.failed(thrown);
            failedStatements.incrementAndGet();
            assertThat(e.getSQLState())
                    .as(sql + ": " + e.getMessage())
                    .isIn("23505", "23506", "23503", "40001", "HYT00", "90131");
        }
    }
}
