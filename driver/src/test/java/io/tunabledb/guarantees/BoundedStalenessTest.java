package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Receipt;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** BOUNDED_STALENESS at a follower that is cut off or slow, its data's age measured by a row that beats. */
class BoundedStalenessTest {
    private static final String READ = "SELECT V FROM BEAT WHERE ID = 1 WITH CONSISTENCY ";
    private static final Duration BOUND = Duration.ofSeconds(1);
    private static final String BOUNDED = "BOUNDED_STALENESS (1 SECOND)";

    @RegisterExtension
    static final Cluster cluster =
            Cluster.shared(1, "CREATE TABLE BEAT(ID INT PRIMARY KEY, V BIGINT)", "INSERT INTO BEAT VALUES (1, 0)");

    private int leader;
    private int home;
    private Client reader;

    @BeforeEach
    void sitAtAFollower() throws SQLException {
        leader = cluster.leader();
        home = cluster.follower();
        reader = cluster.at(home);
    }

    @AfterEach
    void close() throws SQLException {
        reader.close();
    }

    /** Writes its own count into the row without rest; remembers when each count was acknowledged. */
    private static final class Heart implements AutoCloseable {
        private final ConcurrentSkipListMap<Long, Long> countByAcknowledgement = new ConcurrentSkipListMap<>();
        private final Thread thread;
        private volatile boolean stop;
        private volatile SQLException failure;

        Heart(int home) {
            thread = new Thread(() -> beat(home), "heart");
            thread.start();
            Cluster.await("the heart to beat", () -> countByAcknowledgement.size() > 10);
        }

        private void beat(int home) {
            try (Client client = cluster.at(home)) {
                long count = client.number(READ + "LINEARIZABLE");
                while (!stop) {
                    client.update("UPDATE BEAT SET V = ? WHERE ID = 1", ++count);
                    countByAcknowledgement.put(System.nanoTime(), count);
                }
            } catch (SQLException e) {
                failure = e;
            }
        }

        /** The count that everybody who reads data younger than {@code instant} must see. */
        long acknowledgedBefore(long instant) {
            Map.Entry<Long, Long> last = countByAcknowledgement.headMap(instant).lastEntry();
            return last == null ? 0 : last.getValue();
        }

        @Override
        public void close() {
            stop = true;
            try {
                thread.join(20_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            assertThat((Throwable) failure).isNull();
        }
    }

    /** Until the session's own follower holds a lease, others serve. */
    private void serveAtHome(String level) {
        Cluster.await("a lease at n" + home, () -> {
            reader.number(READ + level);
            return reader.servedBy() == home;
        });
    }

    @Test
    void aCutOffFollowerServesWithinTheBoundAndThenRefuses() throws SQLException {
        try (Heart heart = new Heart(leader)) {
            serveAtHome(BOUNDED);
            long cutAt = System.nanoTime();
            cluster.nodes().isolate(home);
            int served = 0;
            String refused = null;
            while (refused == null) {
                long before = System.nanoTime();
                try {
                    long seen = reader.number(READ + BOUNDED + " WITHIN 20 MS");
                    assertThat(seen).isGreaterThanOrEqualTo(heart.acknowledgedBefore(before - BOUND.toNanos()));
                    assertThat(reader.servedBy()).isEqualTo(home);
                    assertThat(staleness(reader.receipt())).isLessThanOrEqualTo(BOUND);
                    // when it was served, no later than when it began
                    assertThat(before - cutAt)
                            .as("served too long after the cut")
                            .isLessThan(BOUND.toNanos());
                    served++;
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("TC001");
                    refused = e.getMessage();
                }
            }
            Duration refusedAfter = Duration.ofNanos(System.nanoTime() - cutAt);
            System.out.println("BOUNDED_STALENESS (1 SECOND) at a cut-off follower: " + served
                    + " reads served, refused after " + refusedAfter.toMillis() + " ms");
            assertThat(served).isPositive();
            assertThat(refusedAfter).isLessThan(BOUND.multipliedBy(2));
            assertThat(refused).contains("BOUNDED_STALENESS", "n" + home, "ms old");

            Refusal.expect("TC001", () -> reader.number(READ + BOUNDED + " WITHIN 200 MS"));
            // the lease may have been old when the follower was cut off: its rows are older than the bound only later
            Cluster.await("the weaker level to serve what is older than the bound", () -> {
                long begun = System.nanoTime();
                return reader.number(READ + "EVENTUAL") < heart.acknowledgedBefore(begun - BOUND.toNanos());
            });
            cluster.nodes().heal();
            long before = System.nanoTime();
            assertThat(reader.number(READ + BOUNDED))
                    .isGreaterThanOrEqualTo(heart.acknowledgedBefore(before - BOUND.toNanos()));
        }
    }

    @Test
    void dataIsNeverOlderThanTheBoundAtAFollowerThatIsSlowerThanTheBound() throws SQLException {
        Duration bound = Duration.ofMillis(100);
        cluster.nodes().slow(home, Duration.ofMillis(150));
        try (Heart heart = new Heart(leader)) {
            int olderAtEventual = 0;
            long enough = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            for (int i = 0; i < 15 || (olderAtEventual == 0 && System.nanoTime() < enough); i++) {
                long before = System.nanoTime();
                long must = heart.acknowledgedBefore(before - bound.toNanos());
                olderAtEventual += reader.number(READ + "EVENTUAL") < must ? 1 : 0;
                before = System.nanoTime();
                try (Client fresh = cluster.at(home)) {
                    assertThat(fresh.number(READ + "BOUNDED_STALENESS (100 MS)"))
                            .isGreaterThanOrEqualTo(heart.acknowledgedBefore(before - bound.toNanos()));
                }
            }
            assertThat(olderAtEventual).as("the weaker level shows older data").isPositive();
        }
    }

    @Test
    void aTransactionAtADeposedLeaderIsServedNothingOlderThanTheBound() throws SQLException {
        Duration bound = Duration.ofMillis(10);
        try (Client inside = cluster.at(leader)) {
            inside.begin();
            inside.update("UPDATE BEAT SET V = V + 1 WHERE ID = 1");
            cluster.nodes().isolate(leader);
            long isolatedAt = System.nanoTime();
            int weaker = 0;
            int refused = 0;
            String state = "TC001";
            while (state.equals("TC001")) {
                long begun = System.nanoTime();
                try {
                    // nothing may renew its lease any more, but it still believes that it leads
                    inside.number(READ + "BOUNDED_STALENESS (10 MS) WITHIN 20 MS");
                    assertThat(begun - isolatedAt).isLessThanOrEqualTo(bound.toNanos());
                } catch (SQLException e) {
                    state = e.getSQLState();
                    refused++;
                    weaker += state.equals("TC001") && isServed(inside) ? 1 : 0;
                }
            }
            assertThat(state).isEqualTo("40001");
            assertThat(refused).isGreaterThan(1);
            assertThat(weaker)
                    .as("reads that the weaker level served meanwhile")
                    .isPositive();
            inside.rollback();
        }
    }

    private static boolean isServed(Client client) {
        try {
            return client.number(READ + "EVENTUAL") >= 0;
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    void aBoundOfEntriesIsKeptToo() throws SQLException {
        cluster.nodes().slow(home, Duration.ofMillis(100));
        try (Client writer = cluster.at(leader)) {
            for (int round = 1; round <= 5; round++) {
                // a lease of a minute, so that only the entries can be what is missing
                serveAtHome("BOUNDED_STALENESS (1 MINUTE)");
                for (int i = 1; i <= 20; i++) {
                    writer.update("UPDATE BEAT SET V = ? WHERE ID = 1", round * 1_000_000L + i);
                }
                assertThat(reader.number(READ + "EVENTUAL")).isLessThan(round * 1_000_000L + 15);
                assertThat(reader.number(READ + "BOUNDED_STALENESS (1 MINUTE, 5 ENTRIES)"))
                        .isGreaterThanOrEqualTo(round * 1_000_000L + 15);
            }
            cluster.nodes().isolate(home);
            Refusal.expect(
                    "TC001", () -> reader.number(READ + "BOUNDED_STALENESS (1 MINUTE, 5 ENTRIES) WITHIN 200 MS"));
            reader.number(READ + "BOUNDED_STALENESS (1 MINUTE)");
        }
    }

    /** A machine that is busy with something else may let it come late, but not all the time. */
    @Test
    void theRefresherSparesReadsTheWaitForASlowLeader() throws SQLException {
        cluster.nodes().slow(home, Duration.ofMillis(40));
        serveAtHome(BOUNDED);
        List<Integer> waited = new ArrayList<>();
        while (waited.size() < 10 && waited.stream().allMatch(reads -> reads > 3)) {
            waited.add(waitsForTheLeader());
        }
        assertThat(waited)
                .as("reads that waited for the leader, in each 2.5 s")
                .anySatisfy(reads -> assertThat(reads).isLessThanOrEqualTo(3));
    }

    private int waitsForTheLeader() throws SQLException {
        int reads = 0;
        int waited = 0;
        long until = System.nanoTime() + Duration.ofMillis(2500).toNanos();
        while (System.nanoTime() < until || reads < 1000) {
            reader.number(READ + BOUNDED);
            assertThat(staleness(reader.receipt())).isLessThanOrEqualTo(BOUND);
            // a read that has to refresh the lease itself takes two delays
            boolean isSlow = reader.receipt().served().get(0).waited().toMillis() >= 40;
            waited += isSlow ? 1 : 0;
            reads++;
        }
        return waited;
    }

    @Test
    void theRefresherStopsWhenNobodyAsks() throws SQLException {
        serveAtHome("BOUNDED_STALENESS (100 MS)");
        Cluster.await("the refresher to keep the lease young", () -> young() && reader.number(READ + "EVENTUAL") >= 0);
        Cluster.await(
                "the lease to grow old", () -> cluster.replica(home).staleness().toMillis() > 1000);
    }

    private boolean young() {
        Duration staleness = cluster.replica(home).staleness();
        return staleness != null && staleness.toMillis() < 500;
    }

    private static Duration staleness(Receipt receipt) {
        return receipt.served().get(0).staleness();
    }
}
