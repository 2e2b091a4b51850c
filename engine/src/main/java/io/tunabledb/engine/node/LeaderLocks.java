package io.tunabledb.engine.node;

import io.tunabledb.engine.deadlock.LockHolders;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.LockWait;
import java.util.ArrayList;
import java.util.List;

/** The way to the shards' leaders in this JVM, whose sessions are next to any of the nodes. */
final class LeaderLocks implements LockHolders {
    private final Nodes nodes;

    LeaderLocks(Nodes nodes) {
        this.nodes = nodes;
    }

    /** Also of one that is deposed and does not know it yet: who is stuck there gets on, and is told. */
    @Override
    public List<LockWait> waits() {
        List<LockWait> waits = new ArrayList<>();
        for (int shard = 0; shard < nodes.shards(); shard++) {
            for (int node = 1; node <= nodes.nodes(); node++) {
                Replica replica = nodes.replica(node, shard);
                if (replica.isAlive()) {
                    waits.addAll(nodes.leader(node, shard).lockWaits());
                }
            }
        }
        return waits;
    }

    @Override
    public boolean giveWay(LockWait wait, String why) {
        for (int node = 1; node <= nodes.nodes(); node++) {
            ShardLeader leader = nodes.leader(node, wait.shard());
            if (leader.giveWay(wait.waiter(), why)) {
                return true;
            }
        }
        return false;
    }
}
