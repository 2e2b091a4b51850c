package io.tunabledb.engine.node;

import io.tunabledb.engine.cut.Peers;
import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.shard.Replica;
import java.util.concurrent.CompletableFuture;

/** A coordinator of cuts' way to everybody, over the network between the nodes of this JVM. */
final class CutPeers implements Peers {
    private final Nodes nodes;
    private final Network network;
    private final Releases releases;

    CutPeers(Nodes nodes, Network network, Releases releases) {
        this.nodes = nodes;
        this.network = network;
        this.releases = releases;
    }

    @Override
    public int shards() {
        return nodes.shards();
    }

    @Override
    public boolean hasLeader(int from, int shard) {
        return nodes.leaderSeenBy(from, shard) != null;
    }

    @Override
    public CompletableFuture<Void> beginEpoch(int from, int shard, long epoch) {
        Replica leader = nodes.leaderSeenBy(from, shard);
        if (leader == null) {
            return CompletableFuture.failedFuture(
                    new NotLeaderException("no leader of shard " + shard + " is in reach of n" + from));
        }
        int to = leader.node();
        return network.callAsync(from, to, () -> nodes.leader(to, shard).beginEpoch(epoch));
    }

    @Override
    public void release(int from, long cut) {
        for (int node = 1; node <= nodes.nodes(); node++) {
            int to = node;
            // one that does not hear it asks
            var unused = network.callAsync(from, to, () -> {
                releases.raise(to, cut);
                return CompletableFuture.completedFuture(null);
            });
        }
    }
}
