package io.tunabledb.engine.node;

import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.Delivery;
import io.tunabledb.engine.outbox.Reply;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Weak writes' way to the leader, over the network between the nodes of this JVM. */
final class LeaderDelivery implements Delivery {
    private static final int SHARD = 0;

    private final Nodes nodes;
    private final Network network;

    LeaderDelivery(Nodes nodes, Network network) {
        this.nodes = nodes;
        this.network = network;
    }

    @Override
    public boolean hasLeader(int node) {
        return leaderSeenBy(node) != null;
    }

    @Override
    public Reply deliver(Batch batch, Deadline deadline) throws IOException {
        Replica leader = leaderSeenBy(batch.node());
        if (leader == null) {
            return new Reply.Again("no leader is in reach", false);
        }
        int to = leader.node();
        return network.call(batch.node(), to, () -> nodes.batches(to).carryOut(batch, deadline));
    }

    /** Who leads the highest term of those a message would reach. */
    private @Nullable Replica leaderSeenBy(int from) {
        Replica leader = null;
        for (int node = 1; node <= nodes.nodes(); node++) {
            Replica replica = nodes.replica(node, SHARD);
            if (replica.status().leading()
                    && network.reaches(from, node)
                    && (leader == null
                            || replica.status().term() > leader.status().term())) {
                leader = replica;
            }
        }
        return leader;
    }
}
