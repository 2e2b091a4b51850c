package io.tunabledb.engine.node;

import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.ratis.RatisNode;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node from one start to its stop: a replica of every shard, each a possible leader, and an outbox.
 *
 * @param replicas one of every shard, in the shards' order, as are the leaders
 */
record RunningNode(
        RatisNode node, List<Replica> replicas, List<ShardLeader> leaders, Outbox outbox, Coordinator coordinator) {

    boolean isAlive() {
        return replicas.stream().allMatch(Replica::isAlive);
    }

    boolean isVoting() {
        return isAlive() && node.isVoting();
    }

    /** Why a log of it waits for its disk; null when none does. */
    @Nullable
    Shortage waitingLog() {
        Shortage found = outbox.diskShortage();
        for (Replica replica : replicas) {
            Shortage one = replica.isAlive() ? replica.diskShortage() : null;
            found = found == null ? one : found;
        }
        return found;
    }

    void close(boolean withSnapshot) {
        outbox.close();
        node.close();
        replicas.forEach(replica -> replica.close(withSnapshot));
    }
}
