package io.tunabledb.engine.message;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.TransactionId;

/** What leaders ask each other of transactions over shards whose coordinator is gone. */
public sealed interface TransactionMessage<A> extends Message<A> {

    /** Asks the leader of a transaction's home what became of it. */
    record AskDecision(int home, TransactionId transaction) implements TransactionMessage<Decision> {}

    /**
     * Tells a participant's leader that a transaction is committed. Answered when it is finished there.
     *
     * @param epoch the one it commits in, in every shard
     */
    record Finish(int shard, TransactionId transaction, long epoch) implements TransactionMessage<LogPosition> {}
}
