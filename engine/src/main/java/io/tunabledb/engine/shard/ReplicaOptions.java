package io.tunabledb.engine.shard;

import java.time.Duration;

/**
 * How a replica behaves.
 *
 * @param database the name that users know the database by: the catalog of their tables, on every replica
 * @param definitionGrace how long a schema change waits for queries, snapshots and transactions in its way before it
 *     ends them with 40001
 * @param snapshotAfterBytes how many bytes of log since the last snapshot call for the next
 * @param syncSnapshots whether snapshot files are forced to disk; false where nothing outlives the process anyway
 */
public record ReplicaOptions(
        String database, Duration definitionGrace, long snapshotAfterBytes, boolean syncSnapshots) {}
