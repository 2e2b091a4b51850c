package io.tunabledb.engine.message;

/** What a cut needs of other nodes; {@code cut/DESIGN.md} tells the protocol. */
public sealed interface CutMessage<A> extends Message<A> {

    /** Tells a shard's leader to end all epochs below one. Answered when that is committed. */
    record BeginEpoch(int shard, long epoch) implements CutMessage<Nothing> {}

    /** Tells a node that a cut, and every earlier one, is complete or given up. */
    record Release(long cut) implements CutMessage<Nothing> {}
}
