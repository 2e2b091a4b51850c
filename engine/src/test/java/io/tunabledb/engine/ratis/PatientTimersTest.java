package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.ratis.internals.PatientTimers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.ratis.server.RaftServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader that is known to run is given time; one that is cut off, or gone, is not. */
class PatientTimersTest {
    private static final Duration MIN = Duration.ofSeconds(1);
    private static final Duration MAX = Duration.ofSeconds(2);

    @TempDir
    Path directory;

    private Cluster cluster() throws IOException {
        return new Cluster(directory, 3, config -> config.durable(false).electionTimeout(MIN, MAX));
    }

    @Test
    void aLeaderWhoseMajorityRunsWaitsLongForItsAnswers() throws IOException {
        try (Cluster cluster = cluster()) {
            int leader = cluster.leaderOfAll();
            List<Integer> others = cluster.others(leader);
            assertThat(whenItLooks(cluster, leader)).isGreaterThanOrEqualTo(PatientTimers.GENEROSITY * MAX.toMillis());
            // others who ask are those who sleep so long before they look again
            assertThat(division(cluster, leader).properties().maxRpcTimeoutMs()).isEqualTo((int) MAX.toMillis());
            cluster.network.cut(leader, others.get(0));
            assertThat(whenItLooks(cluster, leader)).isGreaterThanOrEqualTo(PatientTimers.GENEROSITY * MAX.toMillis());
            cluster.network.cutOneWay(others.get(1), leader);
            assertThat(whenItLooks(cluster, leader)).isLessThan(PatientTimers.GENEROSITY * MAX.toMillis());
            cluster.network.heal();
            cluster.network.slow(leader, Duration.ofMillis(1));
            assertThat(whenItLooks(cluster, leader)).isLessThan(PatientTimers.GENEROSITY * MAX.toMillis());
        }
    }

    private static RaftServer.Division division(Cluster cluster, int node) throws IOException {
        RatisNode found = cluster.node(node);
        return found.server().getDivision(found.replica(0).group());
    }

    /** As Ratis does when it looks whether it still leads. */
    private static long whenItLooks(Cluster cluster, int node) throws IOException {
        RaftServer.Division division = division(cluster, node);
        synchronized (division) {
            return division.properties().maxRpcTimeoutMs();
        }
    }

    @Test
    void nobodyAsksForVotesAgainstALeaderThatRunsAndIsInReach() throws IOException {
        try (Cluster cluster = cluster()) {
            int leader = cluster.leaderOfAll();
            int voter = cluster.others(leader).get(0);
            int other = cluster.others(leader).get(1);
            assertThat(slowLeader(cluster, voter)).isEqualTo(leader);
            cluster.network.cutOneWay(leader, other);
            assertThat(slowLeader(cluster, voter)).isEqualTo(leader);
            assertThat(slowLeader(cluster, other)).isZero();
            cluster.network.heal();
            // in a term that it does not lead there may be another
            long term = cluster.log(leader).status().term();
            assertThat(cluster.nodes.slowLeader(cluster.node(voter).replica(0).group(), term + 1, voter))
                    .isZero();
            cluster.stop(leader);
            assertThat(slowLeader(cluster, voter)).isZero();
            assertThat(cluster.leaderAmong(List.of(voter, other))).isNotEqualTo(leader);
        }
    }

    private static int slowLeader(Cluster cluster, int voter) {
        return cluster.nodes.slowLeader(
                cluster.node(voter).replica(0).group(),
                cluster.log(voter).status().term(),
                voter);
    }
}
