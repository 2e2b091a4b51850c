package io.tunabledb.engine.message;

import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;

/** What became of a proposed entry, asked by whoever lost its proposer. */
public sealed interface OutcomeMessage<A> extends Message<A> {

    /** Whether a replica has applied it: then it is committed. */
    record Known(int shard, TransactionId transaction) implements OutcomeMessage<Fate> {}

    /**
     * The same at the leader of a higher term than it was proposed in, after a read index of that leader is applied there. When
     * it is not known then it can never be committed: that leader's own first entry is committed behind every entry of lower
     * terms that ever will be.
     *
     * @param term it was proposed in
     */
    record AsOfNow(int shard, TransactionId transaction, long term) implements OutcomeMessage<Fate> {}

    /** What a replica knows of it. */
    sealed interface Fate {
        /**
         * It is committed.
         *
         * @param index at this index or before it
         * @param epoch the epoch of the last entry the replica has applied
         */
        record Committed(long index, long epoch, Outcome outcome) implements Fate {}

        /** It is not applied there; a leader that was asked as of now says with it that it never will be. */
        record NotThere(long epoch) implements Fate {}

        /** The replica can't tell: it leads no higher term. */
        record NotKnown() implements Fate {}
    }
}
