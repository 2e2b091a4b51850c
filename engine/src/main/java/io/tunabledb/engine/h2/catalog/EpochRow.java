package io.tunabledb.engine.h2.catalog;

/**
 * Where a shard is in the order of cuts.
 *
 * @param epoch the one its log is in: every entry from here on belongs to it
 * @param newest the newest cut that was started; known in the first shard only
 * @param cancelled whether that one was given up
 */
public record EpochRow(long epoch, long newest, boolean cancelled) {
    /** Before the first cut. */
    public static final EpochRow FIRST = new EpochRow(0, 0, false);
}
