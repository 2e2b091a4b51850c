package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.log.NotLeaderException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader that trusts its lease. */
class LeaseTest {
    private static final Duration SLOW = Duration.ofMillis(30);

    @TempDir
    Path directory;

    @Test
    void aLeaseSavesTheRound() throws IOException {
        try (Cluster cluster = new Cluster(directory, 3, config -> config.leaderLease(true))) {
            int leader = cluster.leaderOfAll();
            slowToAnswer(cluster, leader);
            assertThat(cluster.log(leader).readIndex()).isDone();
        }
    }

    @Test
    void withoutALeaseTheRoundIsWaitedFor() throws IOException {
        try (Cluster cluster = new Cluster(directory, 3, config -> config)) {
            int leader = cluster.leaderOfAll();
            slowToAnswer(cluster, leader);
            long asked = System.nanoTime();
            assertThat(cluster.log(leader).readIndex().join()).isPositive();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThanOrEqualTo(SLOW);
        }
    }

    /** Messages take their time; the leader has just heard from the others. */
    private static void slowToAnswer(Cluster cluster, int leader) {
        for (int other : cluster.others(leader)) {
            cluster.network.delay(leader, other, SLOW);
        }
        cluster.append(leader, "a").join();
    }

    @Test
    void aLeaseEndsBeforeAnotherLeads() throws IOException {
        try (Cluster cluster = new Cluster(directory, 3, config -> config.leaderLease(true))) {
            int old = cluster.leaderOfAll();
            cluster.append(old, "a").join();
            cluster.network.isolate(old);
            cluster.leaderAmong(cluster.others(old));
            assertThatThrownBy(() -> cluster.log(old).readIndex().join()).hasCauseInstanceOf(NotLeaderException.class);
        }
    }

    @Test
    void holdsForATimeAndATerm() {
        Lease lease = new Lease(new TestConfig(1, List.of(1, 2, 3), new UUID(1, 2), directory, s -> null).make());
        long now = 1_000_000_000L;
        assertThat(lease.holds(5, now)).isFalse();
        lease.accepted(2, 5, now);
        assertThat(lease.holds(5, now + Duration.ofMillis(300).toNanos())).isTrue();
        assertThat(lease.holds(5, now + Duration.ofMillis(400).toNanos())).isFalse();
        assertThat(lease.holds(6, now)).isFalse();
    }
}
