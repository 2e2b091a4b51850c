package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statements that need rows of several shards in one place lock what they touch, and nothing else. Locks are waited for far
 * longer than a test may take, so who waits for one that he does not need does not end.
 */
class TouchedRowsTest {
    private static final int ROWS = 24;
    private static final String NOW = " WITH CONSISTENCY LINEARIZABLE";
    private static final String ANY_TIME = "SET LOCK_TIMEOUT 30000";
    /** Adds one to the row of T that PICK names for someone. */
    private static final String ADD =
            "UPDATE T SET V = V + (SELECT MIN(ONE) FROM PICK) WHERE ID IN (SELECT ID FROM PICK WHERE WHO = ?)";

    private static final ExecutorService THREADS = Executors.newCachedThreadPool();
    private static Cluster cluster;

    @BeforeAll
    static void start() throws SQLException {
        cluster = Cluster.sharded(
                4,
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT, NOTE VARCHAR_IGNORECASE(9), A INT ARRAY, C CLOB) SHARD BY (ID)",
                "CREATE TABLE PICK(ID INT PRIMARY KEY, WHO INT, ONE INT) SHARD BY (ID)",
                "INSERT INTO PICK SELECT X, X, 1 FROM SYSTEM_RANGE(1, " + ROWS + ")");
    }

    @BeforeEach
    void fill() throws SQLException {
        cluster.run("DELETE FROM T");
        cluster.run(
                "INSERT INTO T SELECT X, 0, 'note', ARRAY[X], REPEAT('c', 5000) FROM SYSTEM_RANGE(1, " + ROWS + ")");
    }

    @AfterAll
    static void stop() throws SQLException {
        THREADS.shutdownNow();
        cluster.close();
    }

    private static Client begin(String lockTimeout) throws SQLException {
        Client client = cluster.at(0);
        client.execute(lockTimeout);
        client.begin();
        return client;
    }

    private static void touch(Client client, String sql, int who) throws SQLException {
        if (sql.startsWith("SELECT")) {
            client.number(sql, who);
        } else {
            assertThat(client.update(sql, who)).isEqualTo(1);
        }
    }

    /** Each with the one row it touches. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                ADD,
                "UPDATE T SET V = V WHERE ID IN (SELECT ID FROM PICK WHERE WHO = ?)",
                "UPDATE T SET ID = ID + 100 WHERE ID IN (SELECT ID FROM PICK WHERE WHO = ?)",
                "UPDATE T SET A = ARRAY[7], NOTE = 'NOTE' WHERE EXISTS (SELECT 1 FROM PICK WHERE WHO = ? AND PICK.ID = T.ID)",
                "DELETE FROM T WHERE ID IN (SELECT ID FROM PICK WHERE WHO = ?)",
                "DELETE FROM T WHERE EXISTS (SELECT 1 FROM PICK WHERE WHO = ? AND PICK.ID = T.ID)",
                "DELETE FROM T WHERE ID = (SELECT MAX(ID) FROM PICK WHERE WHO = ?)",
                "MERGE INTO T USING (SELECT CAST(? AS INT) K) S ON T.ID = S.K WHEN MATCHED THEN UPDATE SET V = V + 1",
                "MERGE INTO T USING (SELECT CAST(? AS INT) K) S ON T.ID = S.K WHEN MATCHED THEN DELETE",
                "MERGE INTO T(ID, V) KEY (ID) SELECT ID, ONE FROM PICK WHERE WHO = ?",
                "SELECT ID FROM T WHERE ID IN (SELECT ID FROM PICK WHERE WHO = ?) FOR UPDATE",
                "SELECT T.ID FROM T JOIN PICK ON PICK.ID + 0 = T.ID WHERE PICK.WHO = ? FOR UPDATE",
                "SELECT COUNT(*) FROM FINAL TABLE (UPDATE T SET V = 3 WHERE ID IN (SELECT ID FROM PICK WHERE WHO = ?))",
            })
    void rowsOfOthersAreNotWaitedFor(String sql) throws SQLException {
        try (Client first = begin(ANY_TIME);
                Client second = begin(ANY_TIME);
                Client third = begin("SET LOCK_TIMEOUT 50")) {
            for (int who = 1; who < ROWS; who += 2) {
                touch(first, sql, who);
                touch(second, sql, who + 1);
            }
            assertThat(Refusal.expect("HYT00", () -> touch(third, sql, 5))).contains("Timeout");
            first.rollback();
            touch(third, sql, 5);
            third.rollback();
            second.rollback();
        }
    }

    /** A statement that does not want to wait does not, whatever else its query might have locked. */
    @Test
    void whatIsLockedIsSkippedOrRefusedAtOnce() throws SQLException {
        String query = "SELECT T.ID FROM T JOIN PICK ON PICK.ID + 0 = T.ID WHERE PICK.WHO IN (?, ?) FOR UPDATE";
        try (Client owner = begin(ANY_TIME);
                Client other = begin(ANY_TIME)) {
            owner.update("UPDATE T SET V = 1 WHERE ID = 5");
            assertThat(other.number(query + " SKIP LOCKED", 5, 6)).isEqualTo(6);
            assertThat(Refusal.expect("HYT00", () -> other.number(query + " NOWAIT", 5, 6)))
                    .contains("Timeout");
            assertThat(other.number(query + " NOWAIT", 6, 7)).isEqualTo(6);
            other.rollback();
            owner.rollback();
        }
    }

    private static CompletableFuture<Integer> later(Client client, String sql, int who) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        int count = client.update(sql, who);
                        client.commit();
                        return count;
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                THREADS);
    }

    private static long waiting() throws SQLException {
        try (Client client = cluster.at(0)) {
            return client.look("SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS WHERE WAITING");
        }
    }

    /** What the owner of a lock does to the row while the statement waits for it, and how many rows that leaves to change. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 UPDATE T SET V = 100 WHERE ID = 5",
                "1 UPDATE T SET NOTE = 'NOTE', A = ARRAY[1, 2] WHERE ID = 5",
                "1 UPDATE T SET C = REPEAT('d', 5000) WHERE ID = 5",
                "0 UPDATE T SET V = -1 WHERE ID = 5",
                "0 DELETE FROM T WHERE ID = 5",
                "0 UPDATE T SET ID = ID + 1000 WHERE ID = 5",
            })
    void whatChangesMeanwhileIsLookedAtAgain(String before) throws Exception {
        String sql = "UPDATE T SET V = V + 1 WHERE V >= 0 AND ID IN (SELECT ID FROM PICK WHERE WHO = ?)";
        try (Client owner = begin(ANY_TIME);
                Client waiter = begin(ANY_TIME)) {
            owner.update(before.substring(2));
            CompletableFuture<Integer> changed = later(waiter, sql, 5);
            Cluster.await("the statement to wait", () -> waiting() == 1);
            owner.commit();
            owner.connection().setAutoCommit(true);
            assertThat(changed.get(60, TimeUnit.SECONDS)).isEqualTo(before.charAt(0) - '0');
            long expected = before.contains("V = 100") ? 101 : before.contains("V = -1") ? -1 : 1;
            if (!before.contains("DELETE") && !before.contains("1000")) {
                assertThat(owner.number("SELECT V FROM T WHERE ID = 5" + NOW)).isEqualTo(expected);
            }
            assertThat(owner.number("SELECT COUNT(*) FROM T WHERE C = REPEAT('d', 5000)" + NOW))
                    .isEqualTo(before.contains("'d'") ? 1 : 0);
        }
    }

    /** Above READ COMMITTED the first committer wins. */
    @Test
    void aSnapshotDoesNotChangeWhatAnotherHasChanged() throws SQLException {
        try (Client snapshot = begin(ANY_TIME);
                Client other = cluster.at(0)) {
            snapshot.connection().setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            assertThat(snapshot.number("SELECT V FROM T WHERE ID = 5")).isZero();
            assertThat(snapshot.update(ADD, 6)).isEqualTo(1);
            other.update(ADD, 5);
            assertThat(Refusal.expect("40001", () -> snapshot.update(ADD, 5))).isNotEmpty();
        }
    }

    /** What adds to a row it has read before, and what adds to what is there. */
    private static String count(int turns, boolean readsFirst, int isolation, long seed) {
        Random random = new Random(seed);
        try (Client client = begin(ANY_TIME)) {
            client.connection().setTransactionIsolation(isolation);
            for (int done = 0; done < turns; ) {
                int who = 1 + random.nextInt(3);
                try {
                    if (readsFirst) {
                        long read = client.number("SELECT V FROM T WHERE ID = ?", who);
                        client.update("UPDATE T SET V = ? + 1 WHERE ID = ?", read, who);
                    } else if (random.nextBoolean()) {
                        client.update(ADD, who);
                    } else {
                        client.update(
                                "MERGE INTO T USING (SELECT CAST(? AS INT) K) S ON T.ID = S.K"
                                        + " WHEN MATCHED THEN UPDATE SET V = T.V + 1",
                                who);
                    }
                    client.commit();
                    done++;
                } catch (SQLException e) {
                    if (!"40001".equals(e.getSQLState())) {
                        return e.toString();
                    }
                    client.rollback();
                }
            }
            return "done";
        } catch (SQLException e) {
            return e.toString();
        }
    }

    private static long counted(int turns, boolean readsFirst, int isolation) throws Exception {
        long seed = System.nanoTime();
        List<CompletableFuture<String>> counters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long own = seed + i;
            counters.add(CompletableFuture.supplyAsync(() -> count(turns, readsFirst, isolation, own), THREADS));
        }
        for (CompletableFuture<String> counter : counters) {
            assertThat(counter.get(120, TimeUnit.SECONDS)).as("seed %d", seed).isEqualTo("done");
        }
        try (Client reader = cluster.at(0)) {
            return reader.number("SELECT SUM(V) FROM T" + NOW);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_SERIALIZABLE})
    void nothingIsLost(int isolation) throws Exception {
        assertThat(counted(25, false, isolation)).isEqualTo(4 * 25);
    }

    /** The negative control: an application that reads first does lose some, so the test above would see it. */
    @Test
    void whoReadsFirstLosesSome() throws Exception {
        long lost = 0;
        for (int round = 0; round < 50 && lost == 0; round++) {
            fill();
            lost = 4 * 10 - counted(10, true, Connection.TRANSACTION_READ_COMMITTED);
        }
        assertThat(lost).isPositive();
    }
}
