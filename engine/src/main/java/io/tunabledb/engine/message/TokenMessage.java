package io.tunabledb.engine.message;

/** What is asked about a session's token: whether what it says it has seen was ever there. */
public sealed interface TokenMessage<A> extends Message<A> {

    /** Asks a shard's leader where its log ended at least, after this was asked: a read index. */
    record LogEnd(int shard) implements TokenMessage<Long> {}

    /**
     * Asks the first shard's leader for the newest cut that was begun; if it knows of none so high, then as of a read index that
     * is applied there.
     */
    record NewestCut(long atLeast) implements TokenMessage<Long> {}

    /** Asks a shard's leader up to which number an outbox is carried out, as of a read index that is applied there. */
    record CarriedOut(int shard, long incarnation) implements TokenMessage<Long> {}
}
