package io.tunabledb.engine.outbox;

import io.tunabledb.engine.shard.Deadline;
import java.io.IOException;

/** The way from a node to whichever leads the shard. */
public interface Delivery {

    /** Whether a leader is in reach of {@code node} now. */
    boolean hasLeader(int node);

    /**
     * Hands a batch to the leader and waits for its answer.
     *
     * @throws IOException the batch or its answer was lost on the way; send it again
     */
    Reply deliver(Batch batch, Deadline deadline) throws IOException;
}
