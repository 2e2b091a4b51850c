package io.tunabledb.engine.h2.sharding;

/**
 * Which shard of how many a storage is: {@code ShardOf(2, 4, …)} is the third of four.
 *
 * @param shard from 0
 * @param shards 1 or more; fixed when the database is created
 * @param placement says which shard a key belongs to
 */
public record ShardOf(int shard, int shards, KeyPlacement placement) {
    /** The only one. */
    public static final ShardOf ONLY = new ShardOf(0, 1, (type, buckets) -> key -> 0);

    public ShardOf {
        if (shard < 0 || shard >= shards) {
            throw new IllegalArgumentException("shard " + shard + " of " + shards);
        }
    }

    public boolean isOnly() {
        return shards == 1;
    }
}
