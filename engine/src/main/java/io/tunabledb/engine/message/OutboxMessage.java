package io.tunabledb.engine.message;

import io.tunabledb.engine.outbox.Batch;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.outbox.Reply;
import java.time.Duration;
import java.util.List;

/** What is asked about weak writes. */
public sealed interface OutboxMessage<A> extends Message<A> {

    /**
     * Hands a batch to the leader of its shard, and waits for what became of it.
     *
     * @param within how long that may take
     */
    record CarryOut(Batch batch, Duration within) implements OutboxMessage<Reply> {}

    /**
     * Has a node's outbox accept encoded {@link io.tunabledb.engine.outbox.OutboxEntry}s. Answered when they are durable there.
     * It fails with an SQL error as {@link Outbox#append} does; a lost answer is an outcome that nobody knows.
     *
     * @param within how long that may take
     */
    record Append(List<byte[]> entries, Duration within) implements OutboxMessage<Outbox.Accepted> {}

    /** Asks a node's outbox what became of a write, by the incarnation and the number that its session was told. */
    record WhatOf(long incarnation, long number) implements OutboxMessage<Outbox.Standing> {}

    /**
     * Asks a shard's replica how far it has applied what an outbox was given for it. Answered when that is so far, or the time is
     * up.
     *
     * @param number the write that is waited for
     * @param within how long that may take; zero: as it is now
     */
    record Reached(int shard, long incarnation, long number, Duration within) implements OutboxMessage<Mark> {}

    /**
     * How far that is.
     *
     * @param upTo the last number applied; 0 before the first
     * @param index of that entry, or of a later one
     * @param epoch of the last entry applied
     */
    record Mark(long upTo, long index, long epoch) {}
}
