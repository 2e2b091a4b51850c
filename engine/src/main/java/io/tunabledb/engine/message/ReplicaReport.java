package io.tunabledb.engine.message;

import io.tunabledb.engine.log.LogStatus;
import org.jspecify.annotations.Nullable;

/**
 * A replica at one moment, as it sees itself.
 *
 * @param role LEADER, FOLLOWER, UNKNOWN, REJOINING or STOPPED
 * @param epoch of the last entry it has applied
 * @param stalenessNanos how old its data can at most be; {@link Long#MAX_VALUE} when it holds no lease
 * @param queries how many run there
 * @param failure why it stopped for good; null when it did not
 * @param snapshotError why its log has grown without a snapshot; null when it has one
 */
public record ReplicaReport(
        int node,
        int shard,
        String role,
        LogStatus log,
        long applied,
        long epoch,
        long stalenessNanos,
        int queries,
        boolean isAlive,
        @Nullable String failure,
        @Nullable String snapshotError) {}
