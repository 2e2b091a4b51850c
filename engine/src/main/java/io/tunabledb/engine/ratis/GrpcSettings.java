package io.tunabledb.engine.ratis;

import io.tunabledb.engine.wire.Endpoint;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** What we tell Ratis's gRPC. */
final class GrpcSettings {
    /** Ratis asks for that much more than the longest request has. */
    private static final long MESSAGE_OVERHEAD_BYTES = 1 << 20;

    /** Requests under way to one follower of one shard: times their size it is memory outside the heap. */
    private static final int OUTSTANDING_APPENDS = 8;

    private static final int OUTSTANDING_SNAPSHOT_CHUNKS = 4;

    /** After errors in a row an appender waits so long before each of so many attempts: one that comes back is met soon. */
    private static final String AFTER_ERRORS = "10ms,10, 200ms,1000000";

    private GrpcSettings() {}

    static void put(RaftProperties properties, RatisConfig config, Endpoint listens) {
        GrpcConfigKeys.Server.setHost(properties, listens.host());
        GrpcConfigKeys.Server.setPort(properties, listens.port());
        GrpcConfigKeys.setMessageSizeMax(
                properties,
                SizeInBytes.valueOf(Log.Appender.bufferByteLimit(properties).getSize() + MESSAGE_OVERHEAD_BYTES));
        Log.Appender.setRetryPolicy(properties, AFTER_ERRORS);
        // a heartbeat does not wait behind entries
        GrpcConfigKeys.Server.setHeartbeatChannel(properties, true);
        GrpcConfigKeys.Server.setLeaderOutstandingAppendsMax(properties, OUTSTANDING_APPENDS);
        GrpcConfigKeys.Server.setInstallSnapshotRequestElementLimit(properties, OUTSTANDING_SNAPSHOT_CHUNKS);
        GrpcConfigKeys.Server.setInstallSnapshotRequestTimeout(
                properties, TimeDuration.valueOf(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS));
        // for clients of Ratis, of which there are none
        GrpcConfigKeys.Server.setAsyncRequestThreadPoolCached(properties, true);
        GrpcConfigKeys.Server.setAsyncRequestThreadPoolSize(properties, 1);
    }

    static int maxMessageBytes(RaftProperties properties) {
        return GrpcConfigKeys.messageSizeMax(properties, text -> {}).getSizeInt();
    }
}
