package io.tunabledb.engine.ratis.internals;

import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.jspecify.annotations.Nullable;

/**
 * What a log's writing thread waits for while it has nothing to write. Threads are named by node and shard only, and a copy
 * of a database beside its original has the same names; what a thread waits for tells whose it is. Nothing hands it out, so
 * private fields are read.
 */
public final class LogWriter {
    private LogWriter() {}

    /** The condition that blocks the thread then, as {@code LockSupport.getBlocker} tells it; null for a log in memory. */
    public static @Nullable Object idle(RaftLog log) {
        if (!(log instanceof SegmentedRaftLog)) {
            return null;
        }
        Object worker = LogRoom.WORKER.get(log, Object.class);
        return LogRoom.NOT_EMPTY.get(LogRoom.QUEUE.get(worker, Object.class));
    }
}
