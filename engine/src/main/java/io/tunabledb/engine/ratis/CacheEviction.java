package io.tunabledb.engine.ratis;

import java.lang.reflect.Field;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.AwaitToRun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that evicts a log's segments from its cache. Ratis 3.3.0 waits for that thread's end while it holds the log's
 * write lock, which the thread may be about to take: the close then hangs for ever. Ended before the lock is taken, it
 * can't; nothing else ends it, so its private field is read.
 */
final class CacheEviction {
    private static final Logger LOG = LoggerFactory.getLogger(CacheEviction.class);

    private CacheEviction() {}

    /** Ends the thread, waiting for an eviction that is under way. The log goes on without. */
    static void end(RaftLog log) {
        if (!(log instanceof SegmentedRaftLog)) {
            return;
        }
        try {
            Field field = SegmentedRaftLog.class.getDeclaredField("cacheEviction");
            field.setAccessible(true);
            ((AwaitToRun) field.get(log)).close();
        } catch (ReflectiveOperationException e) {
            LOG.warn("this version of Ratis keeps its cache eviction elsewhere; see whether closing a log can hang", e);
        }
    }
}
