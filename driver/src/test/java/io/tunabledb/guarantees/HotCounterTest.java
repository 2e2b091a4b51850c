package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many clients and one row: what weak writes are for. The rates are printed, the totals must be exact. */
class HotCounterTest {
    private static final int THREADS = 64;
    private static final Duration MEASURED = Duration.ofMillis(Long.getLong("hotcounter.millis", 1_000));
    private static final String CLICK = "UPDATE COUNTER SET N = N + 1 WHERE ID = ?";

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(
            1,
            "CREATE TABLE COUNTER(ID INT PRIMARY KEY, N BIGINT NOT NULL)",
            "INSERT INTO COUNTER VALUES (1, 0), (2, 0)");

    /** How many clicks every client together got acknowledged, and in how many seconds. */
    private record Clicks(long acknowledged, double seconds) {
        double perSecond() {
            return acknowledged / seconds;
        }
    }

    private static Clicks click(int counter, String level) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                clients.add(cluster.at(1 + i % 3));
            }
            long started = System.nanoTime();
            long end = started + MEASURED.toNanos();
            List<Future<Long>> counts = new ArrayList<>();
            for (Client client : clients) {
                counts.add(threads.submit(() -> clickUntil(client, counter, level, end)));
            }
            long acknowledged = 0;
            for (Future<Long> count : counts) {
                acknowledged += count.get();
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            for (Client client : clients) {
                client.close();
            }
            return new Clicks(acknowledged, seconds);
        } finally {
            threads.shutdownNow();
        }
    }

    private static long clickUntil(Client client, int counter, String level, long end) throws SQLException {
        long acknowledged = 0;
        while (System.nanoTime() < end) {
            try {
                client.update(CLICK + " WITH CONSISTENCY " + level, counter);
                acknowledged++;
            } catch (SQLException e) {
                // so many on one row: some wait longer than the lock timeout
                if (!Refusal.CERTAIN.contains(e.getSQLState()) && !"HYT00".equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
        return acknowledged;
    }

    @Test
    void everyClickCountsOnce() throws Exception {
        click(2, "EVENTUAL");
        try (Client client = cluster.at(0)) {
            Cluster.await(
                    "the warm-up to be carried out",
                    Duration.ofSeconds(60),
                    () -> client.number("SELECT SUM(PENDING) FROM TUNABLE.OUTBOX") == 0);
            long warm = client.number("SELECT N FROM COUNTER WHERE ID = 2 WITH CONSISTENCY LINEARIZABLE");
            Clicks strong = click(1, "SEQUENTIAL");
            long started = System.nanoTime();
            Clicks weak = click(2, "EVENTUAL");
            Cluster.await(
                    "every click to be carried out",
                    Duration.ofSeconds(60),
                    () -> client.number("SELECT SUM(PENDING) FROM TUNABLE.OUTBOX") == 0);
            double carriedOut = weak.acknowledged / ((System.nanoTime() - started) / 1e9);
            System.out.printf(
                    "hot counter, %d threads: SEQUENTIAL %.0f/s, EVENTUAL %.0f/s acknowledged, %.0f/s carried out: %.1f and "
                            + "%.1f times%n",
                    THREADS,
                    strong.perSecond(),
                    weak.perSecond(),
                    carriedOut,
                    weak.perSecond() / strong.perSecond(),
                    carriedOut / strong.perSecond());
            assertThat(client.number("SELECT N FROM COUNTER WHERE ID = 1 WITH CONSISTENCY LINEARIZABLE"))
                    .isEqualTo(strong.acknowledged);
            assertThat(client.number("SELECT N FROM COUNTER WHERE ID = 2 WITH CONSISTENCY LINEARIZABLE"))
                    .isEqualTo(warm + weak.acknowledged);
            assertThat(client.number("SELECT COUNT(*) FROM TUNABLE.REJECTED_WRITES"))
                    .isZero();
        }
        cluster.healAndCompare();
    }
}
