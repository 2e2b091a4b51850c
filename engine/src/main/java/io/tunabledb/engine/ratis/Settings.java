package io.tunabledb.engine.ratis;

import io.tunabledb.engine.wire.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.LeaderElection;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.RaftServerConfigKeys.Read;
import org.apache.ratis.server.RaftServerConfigKeys.RetryCache;
import org.apache.ratis.server.RaftServerConfigKeys.Rpc;
import org.apache.ratis.server.RaftServerConfigKeys.Snapshot;
import org.apache.ratis.server.RaftServerConfigKeys.ThreadPool;
import org.apache.ratis.server.RaftServerConfigKeys.Write;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What we tell Ratis. A default we depend on is set too, so that an upgrade can't change it under us. */
final class Settings {
    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

    private static final SizeInBytes SEGMENT = SizeInBytes.valueOf("4MB");
    private static final SizeInBytes PREALLOCATED = SizeInBytes.valueOf("64KB");
    /** An entry's own bytes around the ones we log. */
    private static final int ENTRY_OVERHEAD_BYTES = 64 << 10;

    private static final TimeDuration ELECTION_ALONE = TimeDuration.valueOf(2, TimeUnit.MILLISECONDS);
    private static final TimeDuration FIRST_ELECTION_MIN = TimeDuration.valueOf(20, TimeUnit.MILLISECONDS);
    private static final TimeDuration FIRST_ELECTION_MAX = TimeDuration.valueOf(40, TimeUnit.MILLISECONDS);

    private Settings() {}

    static RaftProperties of(RatisConfig config, @Nullable Endpoint listens) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, listens == null ? new JvmRpc() : new GrpcRpc());
        reads(properties, config);
        elections(properties, config);
        log(properties, config);
        limits(properties, config);
        if (listens != null) {
            GrpcSettings.put(properties, config, listens);
        }
        return properties;
    }

    /**
     * Where the groups live. Set to a place without any while the server is made, because a server takes up every group
     * it finds, without knowing who belongs to it.
     */
    static void storage(RaftProperties properties, Path directory) {
        RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
    }

    /**
     * For a group that has this node as its only member, while it is added: it need not wait for anybody. To be undone by
     * {@link #buffers} and {@link #storage} once it is added and by {@link #elections} once it leads.
     */
    static void alone(RaftProperties properties, RatisConfig config) {
        Rpc.setFirstElectionTimeoutMin(properties, ELECTION_ALONE);
        Rpc.setFirstElectionTimeoutMax(properties, ELECTION_ALONE);
        buffers(properties, config);
        storage(properties, config.directory());
    }

    /** What must hold or the promises do not, whatever set it. */
    static void require(RaftProperties properties) {
        if (Read.option(properties) != Read.Option.LINEARIZABLE) {
            throw new IllegalStateException(
                    "raft.server.read.option=" + Read.option(properties) + ", not LINEARIZABLE");
        }
        if (!LeaderElection.preVote(properties)) {
            throw new IllegalStateException("raft.server.leaderelection.pre-vote is off");
        }
    }

    private static void reads(RaftProperties properties, RatisConfig config) {
        Read.setOption(properties, Read.Option.LINEARIZABLE);
        Read.setLeaderLeaseEnabled(properties, config.leaderLease());
        Read.setLeaderHeartbeatCheckEnabled(properties, true);
        Read.setTimeout(properties, millis(config.requestTimeout()));
    }

    static void elections(RaftProperties properties, RatisConfig config) {
        TimeDuration min = millis(config.electionTimeoutMin());
        TimeDuration max = millis(config.electionTimeoutMax());
        Rpc.setTimeoutMin(properties, min);
        Rpc.setTimeoutMax(properties, max);
        // leaves the designated first leader the time of a slow start
        Rpc.setFirstElectionTimeoutMin(properties, max);
        Rpc.setFirstElectionTimeoutMax(properties, max.multiply(2));
        Rpc.setRequestTimeout(properties, millis(config.requestTimeout()));
        LeaderElection.setPreVote(properties, true);
        // how long one that lost its majority waits before it stands again
        LeaderElection.setLeaderStepDownWaitTime(properties, max.multiply(2));
        // a paused process is a slow one, not a broken one
        RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(1, TimeUnit.DAYS));
    }

    /**
     * While the server is made: it reads the same property as the pause of the JVM after which all its leaders step down, which
     * would leave nobody better. To be undone by {@link #elections}.
     */
    static void neverStepsDownForPause(RaftProperties properties) {
        LeaderElection.setLeaderStepDownWaitTime(properties, TimeDuration.valueOf(1, TimeUnit.DAYS));
    }

    /** For groups whose designated first leader this node is, while they are added. To be undone by {@link #elections}. */
    static void standsFirst(RaftProperties properties) {
        // also how long the first election waits for votes, so it must not be too short for a JVM that is still cold
        Rpc.setFirstElectionTimeoutMin(properties, FIRST_ELECTION_MIN);
        Rpc.setFirstElectionTimeoutMax(properties, FIRST_ELECTION_MAX);
    }

    private static void log(RaftProperties properties, RatisConfig config) {
        // Ratis's log in memory can't be purged, so there is always a directory; it may be one in memory
        Log.setUseMemory(properties, false);
        Log.setUnsafeFlushEnabled(properties, !config.durable() && !isInMemory(config.directory()));
        Log.setLogMetadataEnabled(properties, false);
        Log.setAppendEntriesComposeEnabled(properties, false);
        Log.setSegmentSizeMax(properties, SEGMENT);
        Log.setSegmentCacheNumMax(properties, 2);
        Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("16MB"));
        Log.setPreallocatedSize(properties, PREALLOCATED);
        buffers(properties, config);
        Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
        Log.Appender.setInstallSnapshotEnabled(properties, true);
        Log.Appender.setSnapshotChunkSizeMax(properties, SizeInBytes.valueOf("4MB"));
        Log.setPurgeUptoSnapshotIndex(properties, true);
        Log.setPurgeGap(properties, 1);
        Snapshot.setAutoTriggerEnabled(properties, false);
        Snapshot.setTriggerWhenStopEnabled(properties, false);
    }

    /** Whether a sync is done as soon as it is asked for: another thread to wait for it would cost more than it does. */
    private static boolean isInMemory(Path directory) {
        try {
            return Files.getFileStore(directory).type().equals("tmpfs");
        } catch (IOException e) {
            LOG.debug("nothing is known of where {} is", directory, e);
            return false;
        }
    }

    static void buffers(RaftProperties properties, RatisConfig config) {
        SizeInBytes largest = SizeInBytes.valueOf(config.maxEntryBytes() + ENTRY_OVERHEAD_BYTES);
        Log.setWriteBufferSize(properties, SizeInBytes.valueOf(largest.getSize() + 8));
        Log.Appender.setBufferByteLimit(properties, largest);
    }

    private static void limits(RaftProperties properties, RatisConfig config) {
        // fewer under way than the log's queue holds, so that a caller's thread never waits inside that queue, where
        // Ratis takes an interrupt for a broken log
        Write.setElementLimit(properties, 2048);
        Write.setByteLimit(properties, SizeInBytes.valueOf("64MB"));
        Log.setQueueElementLimit(properties, 4096);
        Log.setQueueByteLimit(properties, SizeInBytes.valueOf("128MB"));
        // appends are never retried with the same id
        RetryCache.setExpiryTime(properties, TimeDuration.ONE_SECOND);
        RetryCache.setStatisticsExpiryTime(properties, TimeDuration.ONE_MINUTE);
        Read.ReadAfterWriteConsistent.setWriteIndexCacheExpiryTime(properties, TimeDuration.ONE_SECOND);
        ThreadPool.setServerCached(properties, true);
        ThreadPool.setServerSize(properties, 4 * (config.shards() + 1));
        ThreadPool.setClientCached(properties, true);
        ThreadPool.setClientSize(properties, 1);
        ThreadPool.setProxyCached(properties, true);
        ThreadPool.setProxySize(properties, Math.min(config.shards(), 8));
    }

    private static TimeDuration millis(Duration duration) {
        return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
    }
}
