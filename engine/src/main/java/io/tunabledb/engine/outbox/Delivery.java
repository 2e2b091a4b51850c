package io.tunabledb.engine.outbox;

import io.tunabledb.engine.clock.Deadline;
import java.io.IOException;

/** The way from a node to whichever leads a shard. */
public interface Delivery {

    /** How many shards there are. */
    int shards();

    /** Whether a leader of {@code shard} is in reach of {@code node} now. */
    boolean hasLeader(int node, int shard);

    /**
     * Hands a batch to the leader of its shard and waits for its answer.
     *
     * @throws IOException the batch or its answer was lost on the way; send it again
     */
    Reply deliver(Batch batch, Deadline deadline) throws IOException;
}
