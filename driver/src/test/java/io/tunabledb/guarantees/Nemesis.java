package io.tunabledb.guarantees;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.time.Duration;
import java.util.Random;
import java.util.StringJoiner;

/** Random faults of a seed, one after the other; what happened is its {@code toString}. */
final class Nemesis {

    private enum Fault {
        ISOLATE_LEADER,
        ISOLATE_FOLLOWER,
        CUT_LEADER_FROM_ONE,
        LEADER_HEARS_NOBODY,
        NOBODY_HEARS_LEADER,
        SLOW_LEADER,
        SLOW_FOLLOWER
    }

    private final Cluster cluster;
    private final Random random;
    private final StringJoiner story = new StringJoiner(", ");

    Nemesis(Cluster cluster, long seed) {
        this.cluster = cluster;
        this.random = new Random(seed);
    }

    /** {@code faults} of them, each held while the load goes on. */
    void hurt(Registers load, int faults) {
        for (int i = 0; i < faults; i++) {
            // every other fault takes the leader away, which is where promises break
            Fault fault = i % 2 == 0 ? Fault.ISOLATE_LEADER : Fault.values()[random.nextInt(Fault.values().length)];
            ReplicaStatus leader = cluster.replica(cluster.leader());
            begin(fault, leader.node());
            boolean losesLeader = fault == Fault.ISOLATE_LEADER || fault == Fault.NOBODY_HEARS_LEADER;
            if (losesLeader) {
                cluster.leaderAfter(leader);
            }
            load.during(500);
            cluster.nodes().heal();
            load.during(random.nextInt(500));
        }
    }

    private void begin(Fault fault, int leader) {
        story.add(fault + " n" + leader);
        EmbeddedCluster nodes = cluster.nodes();
        int one = 1 + (leader + random.nextInt(2)) % 3;
        int other = Cluster.third(leader, one);
        switch (fault) {
            case ISOLATE_LEADER -> nodes.isolate(leader);
            case ISOLATE_FOLLOWER -> nodes.isolate(one);
            case CUT_LEADER_FROM_ONE -> nodes.cut(leader, one);
            case LEADER_HEARS_NOBODY -> {
                nodes.cutOneWay(one, leader);
                nodes.cutOneWay(other, leader);
            }
            case NOBODY_HEARS_LEADER -> {
                nodes.cutOneWay(leader, one);
                nodes.cutOneWay(leader, other);
            }
            case SLOW_LEADER -> nodes.slow(leader, Duration.ofMillis(5 + random.nextInt(30)));
            case SLOW_FOLLOWER -> nodes.slow(one, Duration.ofMillis(5 + random.nextInt(100)));
        }
    }

    @Override
    public String toString() {
        return story.toString();
    }
}
