package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.sharding.KeyPlacement;
import io.tunabledb.engine.h2.sharding.ShardOf;
import java.time.Duration;

/**
 * How a replica behaves.
 *
 * @param database the name that users know the database by: the catalog of their tables, on every replica
 * @param definitionGrace how long a schema change waits for queries, snapshots and transactions in its way before it
 *     ends them with 40001
 * @param snapshotAfterBytes how many bytes of log since the last snapshot call for the next
 * @param syncSnapshots whether snapshot files are forced to disk; false where nothing outlives the process anyway
 * @param shards how many shards the database has
 * @param diskReserveBytes with less free on the disk no write is begun
 * @param placement says which of them a shard key belongs to
 */
public record ReplicaOptions(
        String database,
        Duration definitionGrace,
        long snapshotAfterBytes,
        boolean syncSnapshots,
        long diskReserveBytes,
        int shards,
        KeyPlacement placement) {

    /** Of a database with one shard. */
    public ReplicaOptions(String database, Duration definitionGrace, long snapshotAfterBytes, boolean syncSnapshots) {
        this(
                database,
                definitionGrace,
                snapshotAfterBytes,
                syncSnapshots,
                0,
                ShardOf.ONLY.shards(),
                ShardOf.ONLY.placement());
    }

    /** The place of one of its shards. */
    ShardOf shard(int number) {
        return new ShardOf(number, shards, placement);
    }
}
