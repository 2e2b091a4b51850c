package io.tunabledb.engine.outbox;

/** What became of a {@link Batch}. */
public sealed interface Reply {

    /**
     * Everything of the batch's shard up to a number is carried out, by this batch or by one before; committed by a majority.
     *
     * @param rejected how many of this batch's writes failed and are kept in REJECTED_WRITES
     */
    record Done(long upTo, int rejected) implements Reply {}

    /**
     * Nothing of it is known to be carried out; send it again.
     *
     * @param why for people
     * @param smaller whether fewer writes at once may do better
     */
    record Again(String why, boolean smaller) implements Reply {}
}
