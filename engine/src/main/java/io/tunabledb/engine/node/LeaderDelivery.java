package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.Delivery;
import io.tunabledb.engine.outbox.Reply;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;

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
        return nodes.leaderSeenBy(node, shard) != null;
    }

    @Override
    public Reply deliver(Batch batch, Deadline deadline) throws IOException {
        Replica leader = nodes.leaderSeenBy(batch.node(), batch.shard());
        if (leader == null) {
            return new Reply.Again("no leader of shard " + batch.shard() + " is in reach", false);
        }
        Shortage full = nodes.diskRefuses();
        if (full != null) {
            return new Reply.Again(full.text(), false);
        }
        int to = leader.node();
        return network.call(
                batch.node(), to, () -> nodes.batches(to, batch.shard()).carryOut(batch, deadline));
    }
}
