package io.tunabledb.engine.peer;

import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.execute.serve.ServedReads;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.outbox.Batches;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node's handlers answer from: its own parts and nobody else's. Another one after a restart.
 *
 * @param replicas one of every shard, in the shards' order, as are the leaders and the batches
 * @param reads what sessions that sit elsewhere read here
 * @param isVoting whether it runs and has its vote
 * @param disk why its own disk begins no write; null when it does
 * @param refusal why no shard begins a write now; null when they do
 * @param coordinator takes cuts while the node leads the first shard
 * @param releases of this node: up to which cut all shards have closed it
 */
public record Member(
        int node,
        List<Replica> replicas,
        List<ShardLeader> leaders,
        List<Batches> batches,
        Outbox outbox,
        Coordinator coordinator,
        Releases releases,
        ServedReads reads,
        BooleanSupplier isVoting,
        Supplier<@Nullable Shortage> disk,
        Supplier<@Nullable Shortage> refusal) {

    Replica replica(int shard) {
        return replicas.get(shard);
    }

    ShardLeader leader(int shard) {
        return leaders.get(shard);
    }
}
