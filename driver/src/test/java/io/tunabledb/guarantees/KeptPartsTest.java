package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards keep what parts of a statement gave while nothing changes: what it shows is one state, and the newest, all the same. */
class KeptPartsTest {
    private static final int ROWS = 400;
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(
            4,
            "CREATE TABLE T(ID INT PRIMARY KEY, G INT, V INT) SHARD BY (ID)",
            "CREATE TABLE U(ID INT PRIMARY KEY, W INT) SHARD BY (ID)",
            "INSERT INTO T SELECT X, MOD(X, 5), 1 FROM SYSTEM_RANGE(1, " + ROWS + ")",
            "INSERT INTO U SELECT X, MOD(X, 7) FROM SYSTEM_RANGE(1, " + ROWS + ")");

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT SUM(V) FROM T WHERE MOD(ID, 2) >= 0",
                "SELECT SUM(S) FROM (SELECT G, SUM(V) S FROM T GROUP BY G)",
                "SELECT SUM(V) FROM T JOIN U ON T.ID = U.ID",
                "SELECT SUM(V) FROM T WHERE EXISTS (SELECT 1 FROM U WHERE U.ID = T.ID AND U.W >= 0)",
                "SELECT SUM(V) FROM T WHERE ID < ?",
            })
    void everyExecutionShowsWhatWasCommittedBefore(String sql) throws SQLException {
        Object[] parameters = sql.endsWith("?") ? new Object[] {ROWS + 1} : new Object[0];
        try (Client reader = cluster.at(0);
                Client writer = cluster.at(0)) {
            long expected = reader.number("SELECT SUM(V) FROM T" + " WITH CONSISTENCY LINEARIZABLE");
            for (int round = 0; round < 6; round++) {
                for (int again = 0; again < 4; again++) {
                    assertThat(reader.number(sql + " WITH CONSISTENCY LINEARIZABLE", parameters))
                            .as("round %d, time %d", round, again)
                            .isEqualTo(expected);
                }
                writer.begin();
                expected += writer.update("UPDATE T SET V = V + 1 WHERE ID = ?", 1 + round);
                writer.update("UPDATE T SET V = V + 100 WHERE ID = ?", ROWS - round);
                if (round % 2 == 0) {
                    writer.rollback();
                    expected--;
                } else {
                    writer.commit();
                    expected += 100;
                }
                writer.connection().setAutoCommit(true);
            }
        }
    }

    /** Sums that no transfer changes, asked again and again, while transfers come in bursts and pauses between them. */
    @Test
    void whatIsReadIsOneStateOfAllShards() throws Exception {
        long seed = System.nanoTime();
        AtomicBoolean done = new AtomicBoolean();
        List<CompletableFuture<String>> readers = new ArrayList<>();
        long total;
        try (Client client = cluster.at(0)) {
            total = client.number("SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE");
        }
        for (String sql : List.of(
                "SELECT SUM(V) FROM T WHERE MOD(ID, 2) >= 0",
                "SELECT SUM(S) FROM (SELECT G, SUM(V) S FROM T GROUP BY G)")) {
            readers.add(CompletableFuture.supplyAsync(() -> read(sql, total, done), THREADS));
        }
        Random random = new Random(seed);
        try (Client writer = cluster.at(0)) {
            writer.begin();
            for (int transfer = 0; transfer < 60; transfer++) {
                int amount = random.nextInt(100);
                writer.update("UPDATE T SET V = V - ? WHERE ID = ?", amount, 1 + random.nextInt(ROWS));
                writer.update("UPDATE T SET V = V + ? WHERE ID = ?", amount, 1 + random.nextInt(ROWS));
                writer.commit();
                if (transfer % 10 == 9) {
                    // long enough for the readers to ask again what has not changed
                    assertThat(read("SELECT SUM(V) FROM T", total, new AtomicBoolean(true)))
                            .isEqualTo("1");
                }
            }
        } finally {
            done.set(true);
        }
        for (CompletableFuture<String> reader : readers) {
            assertThat(reader.get(120, TimeUnit.SECONDS)).as("seed %d", seed).matches("[0-9]+");
        }
    }

    /** How often it was read; or what went wrong. */
    private static String read(String sql, long expected, AtomicBoolean done) {
        int reads = 0;
        try (Client client = cluster.at(0)) {
            do {
                long found = client.number(sql + " WITH CONSISTENCY LINEARIZABLE");
                if (found != expected) {
                    return found + " instead of " + expected;
                }
                reads++;
            } while (!done.get());
            return String.valueOf(reads);
        } catch (SQLException e) {
            return e.toString();
        }
    }
}
