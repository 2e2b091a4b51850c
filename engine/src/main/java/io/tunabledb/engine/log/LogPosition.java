package io.tunabledb.engine.log;

/** Where an entry stands in a shard's log: the term it was proposed in and its index, both from 1 (0 is "before"). */
public record LogPosition(long term, long index) {

    /** Before the first entry. */
    public static final LogPosition ZERO = new LogPosition(0, 0);
}
