package io.tunabledb.engine.h2.catalog;

import java.time.Instant;

/**
 * A weak write that failed when its turn came: kept, on every replica, until a user retries or dismisses it.
 *
 * @param id its number, from 1, never given twice, by no two shards
 * @param node the node that accepted it
 * @param incarnation which of the node's outboxes that was
 * @param number its number in that outbox
 * @param text its statements, for people
 * @param parameters their values, for people
 * @param sqlState what it failed with
 * @param entry what is to be executed again, opaque here
 */
@SuppressWarnings("ArrayRecordComponent") // carried and stored, never compared
public record RejectedWrite(
        long id,
        int node,
        long incarnation,
        long number,
        Instant acceptedAt,
        String text,
        String parameters,
        String sqlState,
        String reason,
        byte[] entry) {

    /** The shard that gave an id, where the write is kept. */
    public static int shardOf(long id, int shards) {
        return (int) Math.floorMod(id - 1, (long) shards);
    }
}
