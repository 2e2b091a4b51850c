package io.tunabledb.engine.message;

/** What a cut needs of other nodes; {@code cut/DESIGN.md} tells the protocol. */
public sealed interface CutMessage<A> extends Message<A> {

    /** Tells a shard's leader to end all epochs below one. Answered when that is committed. */
    record BeginEpoch(int shard, long epoch) implements CutMessage<Nothing> {}

    /** Tells a node that a cut, and every earlier one, is complete or given up. */
    record Release(long cut) implements CutMessage<Nothing> {}

    /** Asks a node up to which cut it knows that. */
    record Released() implements CutMessage<Long> {}

    /** Asks the coordinator under which number a cut can be asked for now. */
    record Next() implements CutMessage<Long> {}

    /**
     * Asks the coordinator for a cut, for which the caller has registered at the replicas it will read. Answered when every
     * shard has it; fails with a {@link io.tunabledb.engine.cut.CutRefusedException} when there is none under that number.
     */
    record Request(long cut) implements CutMessage<Nothing> {}

    /** Tells the coordinator that an answer waits for the newest cut: it completes it or gives it up. */
    record FinishNewest() implements CutMessage<Nothing> {}
}
