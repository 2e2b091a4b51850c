package io.tunabledb.engine.ratis;

import java.lang.reflect.Field;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a log's writing thread waits for while it has nothing to write. Threads are named by node and shard only, and a copy
 * of a database beside its original has the same names; what a thread waits for tells whose it is. Nothing hands it out, so
 * private fields are read.
 */
final class LogWriter {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

    private LogWriter() {}

    /** The condition that blocks the thread then, as {@code LockSupport.getBlocker} tells it; null when it can't be had. */
    static @Nullable Object idle(RaftLog log) {
        if (!(log instanceof SegmentedRaftLog)) {
            return null;
        }
        try {
            Object worker = read(SegmentedRaftLog.class, "fileLogWorker", log);
            Object queue = read(worker.getClass(), "queue", worker);
            return read(queue.getClass(), "notEmpty", queue);
        } catch (ReflectiveOperationException e) {
            LOG.warn("this version of Ratis keeps its log's queue elsewhere; closing a log takes up to a second", e);
            return null;
        }
    }

    private static Object read(Class<?> owner, String name, Object from) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(from);
    }
}
