package io.tunabledb.engine.ratis.internals;

import io.tunabledb.engine.api.PrivateField;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.AwaitToRun;

/**
 * The thread that evicts a log's segments from its cache. Ratis 3.3.0 waits for that thread's end while it holds the log's
 * write lock, which the thread may be about to take: the close then hangs for ever. Ended before the lock is taken, it
 * can't; nothing else ends it, so its private field is read.
 */
public final class CacheEviction {
    static final PrivateField EVICTION = PrivateField.of(SegmentedRaftLog.class, "cacheEviction");

    private CacheEviction() {}

    /** Ends the thread, waiting for an eviction that is under way. The log goes on without. */
    public static void end(RaftLog log) {
        if (!(log instanceof SegmentedRaftLog)) {
            return;
        }
        EVICTION.get(log, AwaitToRun.class).close();
    }

    /** The ids of the threads that evict for a replica of this name now; an open copy of the database has one, too. */
    public static Set<Long> threads(String member) {
        return all(member).map(Thread::getId).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Ends the thread of a log that could not be opened: Ratis forgets it, and it holds the log and its buffers for ever.
     *
     * @param others those that were there before
     */
    public static void endForgotten(String member, Set<Long> others) {
        all(member).filter(thread -> !others.contains(thread.getId())).forEach(Thread::interrupt);
    }

    private static Stream<Thread> all(String member) {
        String prefix = member + "-cacheEviction";
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix));
    }
}
