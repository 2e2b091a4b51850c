package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.Writer;

/**
 * A transaction over shards that this shard has promised to commit or to undo, as another shard, its home, decides. Kept,
 * on every replica, until its end is in the log.
 *
 * @param index the log index of its Prepare entry
 * @param term the term of that entry
 * @param session who wrote
 * @param number its running number, as home knows it
 * @param home the shard that decides; this one, when it has decided for an epoch that has not begun here yet
 * @param vote the first epoch it can commit in, as this shard has voted or has learned since
 * @param changes what {@link Writer#changes} gave; empty when it only read here
 * @param readSet what it read here, opaque
 */
@SuppressWarnings("ArrayRecordComponent") // carried and stored, never compared
public record PreparedRow(
        long index, long term, long session, long number, int home, long vote, byte[] changes, byte[] readSet) {

    /** The same with another vote. */
    public PreparedRow voting(long epoch) {
        return new PreparedRow(index, term, session, number, home, epoch, changes, readSet);
    }
}
