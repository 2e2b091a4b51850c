package io.tunabledb.engine.node;

import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.Delivery;
import io.tunabledb.engine.outbox.Reply;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Weak writes' way to their shard's leader, over the network between the nodes of this JVM. */
final class LeaderDelivery implements Delivery {
    private final Nodes nodes;
    private final Network network;

    LeaderDelivery(Nodes nodes, Network network) {
        this.nodes = nodes;
        this.network = network;
    }

    @Override
    public int shards() {
        return nodes.shards();
    }

    @Override
    public boolean hasLeader(int node, int shard) {
        return leaderSeenBy(node, shard) != null;
    }

    @Override
    public Reply deliver(Batch batch, Deadline deadline) throws IOException {
        Replica leader = leaderSeenBy(batch.node(), batch.shard());
        if (leader == null) {
            return new Reply.Again("no leader of shard " + batch.shard() + " is in reach", false);
        }
        int to = leader.node();
        return network.call(
                batch.node(), to, () -> nodes.batches(to, batch.shard()).carryOut(batch, deadline));
    }

    /** Who leads a shard in the highest term, of those a message would reach. */
    private @Nullable Replica leaderSeenBy(int from, int shard) {
        Replica leader = null;
        for (int node = 1; node <= nodes.nodes(); node++) {
            Replica replica = nodes.replica(node, shard);
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
