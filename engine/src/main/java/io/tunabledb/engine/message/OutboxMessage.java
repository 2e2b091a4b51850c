package io.tunabledb.engine.message;

import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.Reply;
import java.time.Duration;

/** What is asked about weak writes. */
public sealed interface OutboxMessage<A> extends Message<A> {

    /**
     * Hands a batch to the leader of its shard, and waits for what became of it.
     *
     * @param within how long that may take
     */
    record CarryOut(Batch batch, Duration within) implements OutboxMessage<Reply> {}
}
