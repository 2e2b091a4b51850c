package io.tunabledb.engine.node;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Decisions;
import io.tunabledb.engine.shard.log.TransactionId;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The way from one shard's leader to another's, over the network between the nodes of this JVM. */
final class LeaderDecisions implements Decisions {
    private final Nodes nodes;
    private final Network network;

    LeaderDecisions(Nodes nodes, Network network) {
        this.nodes = nodes;
        this.network = network;
    }

    @Override
    public CompletableFuture<Decision> ask(int from, int home, TransactionId transaction) {
        return call(from, home, leader -> leader.decision(transaction));
    }

    @Override
    public CompletableFuture<LogPosition> tell(int from, int shard, TransactionId transaction, long epoch) {
        return call(from, shard, leader -> leader.finish(transaction, true, epoch));
    }

    private <T> CompletableFuture<T> call(int from, int shard, Function<ShardLeader, CompletableFuture<T>> what) {
        Replica leader = nodes.leaderSeenBy(from, shard);
        if (leader == null) {
            return CompletableFuture.failedFuture(
                    new NotLeaderException("no leader of shard " + shard + " is in reach of n" + from));
        }
        int to = leader.node();
        return network.callAsync(from, to, () -> what.apply(nodes.leader(to, shard)));
    }
}
