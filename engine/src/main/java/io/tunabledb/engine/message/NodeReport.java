package io.tunabledb.engine.message;

import io.tunabledb.engine.outbox.OutboxStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node at one moment, as it sees itself.
 *
 * @param isVoting whether it runs and has its vote
 * @param disk why its disk begins no write; null when it does
 * @param replicas one of every shard, in the shards' order
 */
public record NodeReport(
        int node, boolean isVoting, @Nullable String disk, OutboxStatus outbox, List<ReplicaReport> replicas) {

    /** Its replica of a shard. */
    public ReplicaReport at(int shard) {
        return replicas.get(shard);
    }
}
