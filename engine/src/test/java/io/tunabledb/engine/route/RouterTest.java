package io.tunabledb.engine.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.route.ClusterView.ReplicaView;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final long MS = 1_000_000;
    private static final ReplicaView LEADER = new ReplicaView(1, true, 5, 100, 0, 9, 1);
    private static final ReplicaView NEAR_BUT_BEHIND = new ReplicaView(2, false, 5, 90, 500 * MS, 0, 0);
    private static final ReplicaView FAR_AND_FRESH = new ReplicaView(3, false, 5, 100, 50 * MS, 1, 1);
    private static final ClusterView ALL = new ClusterView(List.of(LEADER, NEAR_BUT_BEHIND, FAR_AND_FRESH));

    @Test
    void whoNeedNotWaitComesFirstThenTheLeastLoadedAndTheLeaderIsTheLastResort() {
        assertThat(Router.order(Rung.of(Level.SEQUENTIAL), 95, ALL)).containsExactly(3, 1, 2);
        assertThat(Router.order(Rung.of(Level.SEQUENTIAL), 101, ALL)).containsExactly(2, 3, 1);
    }

    @Test
    void nearestWinsWhenAllAreReady() {
        assertThat(Router.order(Rung.of(Level.EVENTUAL), 0, ALL)).containsExactly(2, 3, 1);
        assertThat(Router.order(Rung.of(Level.MONOTONIC_READ), 90, ALL)).containsExactly(2, 3, 1);
    }

    @Test
    void aBoundIsHeldAgainstEachReplicasOwnLease() {
        assertThat(Router.order(Rung.bounded(Duration.ofMillis(100)), 0, ALL)).containsExactly(3, 1, 2);
        assertThat(Router.order(Rung.bounded(Duration.ofMillis(600)), 0, ALL)).containsExactly(2, 3, 1);
    }

    @Test
    void linearizableAndUncommittedAskTheLeaderFirst() {
        assertThat(Router.order(Rung.of(Level.LINEARIZABLE), 0, ALL).get(0)).isEqualTo(1);
        assertThat(Router.order(Rung.of(Level.READ_UNCOMMITTED), 0, ALL).get(0)).isEqualTo(1);
    }

    @Test
    void ofTwoThatBelieveToLeadTheHigherTermWins() {
        ClusterView split = new ClusterView(List.of(LEADER, new ReplicaView(2, true, 6, 101, 0, 0, 1)));
        assertThat(Router.leader(split)).isEqualTo(2);
        assertThat(Router.leader(new ClusterView(List.of(FAR_AND_FRESH)))).isZero();
        assertThat(Router.order(Rung.of(Level.EVENTUAL), 0, new ClusterView(List.of())))
                .isEmpty();
    }
}
