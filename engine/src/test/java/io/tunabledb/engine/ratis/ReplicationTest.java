package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Three replicas, nothing goes wrong. */
class ReplicationTest extends WithCluster {
    @Override
    Cluster started(Path folder) throws IOException {
        return new Cluster(folder);
    }

    @Test
    void theDesignatedLeaderLeads() {
        assertThat(cluster.leader()).isEqualTo(1);
    }

    @Test
    void everyReplicaAppliesTheSameEntriesInOrder() {
        int leader = cluster.leaderOfAll();
        List<CompletableFuture<LogPosition>> appends = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            appends.add(cluster.append(leader, "entry " + i));
        }
        List<Long> indexes =
                appends.stream().map(append -> append.join().index()).toList();
        cluster.converge();

        assertThat(indexes).isSorted().doesNotHaveDuplicates();
        List<String> expected =
                IntStream.range(0, 500).mapToObj(i -> "entry " + i).toList();
        assertThat(cluster.listing(1).entries()).isEqualTo(expected);
        assertThat(cluster.listing(2).entries()).isEqualTo(expected);
        assertThat(cluster.listing(3).entries()).isEqualTo(expected);
    }

    @Test
    void onlyTheProposerGetsBackWhatItHeld() {
        int leader = cluster.leaderOfAll();
        cluster.append(leader, "a").join();
        cluster.converge();

        assertThat(cluster.listing(leader).handedBack).containsExactly("held a");
        for (int follower : cluster.others(leader)) {
            assertThat(cluster.listing(follower).handedBack).isEmpty();
        }
    }

    @Test
    void anAppendIsAppliedWhenItCompletes() {
        int leader = cluster.leaderOfAll();
        for (int i = 0; i < 100; i++) {
            LogPosition at = cluster.append(leader, "entry " + i).join();
            assertThat(cluster.listing(leader).applied().index()).isGreaterThanOrEqualTo(at.index());
        }
    }

    @Test
    void aFollowerRefusesToAppend() {
        int follower = cluster.others(cluster.leader()).get(0);
        assertThatThrownBy(() -> cluster.append(follower, "a").join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(NotLeaderException.class);
    }

    @Test
    void aReadIndexCoversWhatWasAppendedBefore() {
        int leader = cluster.leaderOfAll();
        for (int i = 0; i < 50; i++) {
            LogPosition at = cluster.append(leader, "entry " + i).join();
            for (int node = 1; node <= 3; node++) {
                assertThat(cluster.log(node).readIndex().join()).isGreaterThanOrEqualTo(at.index());
            }
        }
    }

    @Test
    void aFollowerSoonAppliesAnEntryThatNoOtherFollows() {
        int leader = cluster.leaderOfAll();
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 30 && fastest > 100_000_000; i++) {
            LogPosition at = cluster.append(leader, "alone").join();
            long start = System.nanoTime();
            cluster.converge();
            assertThat(at.index()).isPositive();
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        // a heartbeat would take 200 ms; on a busy machine some attempt is quick
        assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(100));
    }

    @Test
    void anInterruptedCallerHarmsNothingButKeepsItsInterrupt() {
        int leader = cluster.leaderOfAll();
        for (int i = 0; i < 100; i++) {
            Thread.currentThread().interrupt();
            cluster.append(leader, "entry " + i).join();
            cluster.log(leader).readIndex().join();
            assertThat(Thread.interrupted()).isTrue();
        }
        cluster.converge();
        assertThat(cluster.listing(leader).entries()).hasSize(100);
    }

    @Test
    void tooLargeAnEntryIsRefusedWithTheLimit() {
        int leader = cluster.leaderOfAll();
        int limit = TestConfig.MAX_ENTRY_BYTES;
        cluster.log(leader)
                .append(new byte[limit], "held " + new String(new byte[limit], StandardCharsets.UTF_8))
                .join();
        assertThatThrownBy(() -> cluster.log(leader).append(new byte[limit + 1], "too large"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an entry of " + (limit + 1) + " bytes is over the limit, maxEntryBytes=" + limit);
    }

    @Test
    void closingEndsWhatIsUnderWay() {
        int leader = cluster.leaderOfAll();
        cluster.network.isolate(leader);
        CompletableFuture<LogPosition> pending = cluster.append(leader, "pending");
        cluster.stop(leader);
        assertThatThrownBy(pending::join).hasCauseInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void statusTellsWhoLeads() {
        int leader = cluster.leaderOfAll();
        LogPosition at = cluster.append(leader, "a").join();
        cluster.converge();
        for (int node = 1; node <= 3; node++) {
            var status = cluster.log(node).status();
            assertThat(status.alive()).isTrue();
            assertThat(status.leading()).isEqualTo(node == leader);
            assertThat(status.leader()).isEqualTo(leader);
            assertThat(status.term()).isEqualTo(at.term());
            assertThat(status.commitIndex()).isGreaterThanOrEqualTo(at.index());
            assertThat(status.lastIndex()).isGreaterThanOrEqualTo(at.index());
        }
    }
}
