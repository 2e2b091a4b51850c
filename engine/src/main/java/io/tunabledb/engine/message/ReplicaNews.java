package io.tunabledb.engine.message;

import io.tunabledb.engine.log.LogStatus;

/**
 * A replica that can be read, as others have heard of it last. It only ranks: what a read needs is tested where it is served.
 *
 * @param isReady whether it has applied all that was committed when it was started
 * @param stalenessNanos how old its data can at most be; {@link Long#MAX_VALUE} when it holds no lease
 * @param queries how many run there
 */
public record ReplicaNews(
        int node, int shard, boolean isReady, LogStatus log, long applied, long stalenessNanos, int queries) {}
