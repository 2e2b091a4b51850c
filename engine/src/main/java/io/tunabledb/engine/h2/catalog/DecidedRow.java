package io.tunabledb.engine.h2.catalog;

import java.util.List;

/**
 * A transaction over shards that its home, this shard, has committed. Kept, on every replica, until all participants have
 * committed it too: till then they may ask.
 *
 * @param index the log index of its Decide entry
 * @param session who wrote
 * @param number its running number
 * @param epoch the epoch it commits in, in every shard
 * @param participants the other shards, by number
 */
public record DecidedRow(long index, long session, long number, long epoch, List<Integer> participants) {}
