package io.tunabledb.engine.ratis;

import io.tunabledb.engine.ratis.internals.CacheEviction;
import io.tunabledb.engine.ratis.internals.LogWriter;
import io.tunabledb.engine.ratis.statemachine.DrivenStateMachine;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a division without the second that Ratis takes for it: its log writer looks only once a second whether it
 * should end.
 */
final class Stopping {
    private static final Logger LOG = LoggerFactory.getLogger(Stopping.class);
    private static final long LOOK_NANOS = 2_000_000;

    private Stopping() {}

    /**
     * @param evictions the threads of others that have the name of this one's cache eviction
     */
    static void stop(RaftServer.Division division, Set<Long> evictions) {
        RaftLog log;
        try {
            log = division.getRaftLog();
        } catch (IllegalStateException e) {
            LOG.debug("{} never opened its log", division.getMemberId(), e);
            division.close();
            CacheEviction.endForgotten(division.getMemberId().toString(), evictions);
            return;
        }
        stop(division, log);
    }

    private static void stop(RaftServer.Division division, RaftLog log) {
        String writer = division.getMemberId() + "-SegmentedRaftLogWorker";
        Thread waker = new Thread(() -> wakeLogWriter(log, writer), "stop-" + division.getMemberId());
        waker.setDaemon(true);
        waker.start();
        try {
            CacheEviction.end(log);
            division.close();
        } finally {
            waker.interrupt();
        }
    }

    /**
     * @param writer its name, which is also that of the same node's writer in an open copy of the database
     */
    private static void wakeLogWriter(RaftLog log, String writer) {
        while (log.isOpened()) {
            if (Thread.interrupted()) {
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        // until the writer is told to end, or it would complain about the interrupt
        LockSupport.parkNanos(LOOK_NANOS);
        Object idle = LogWriter.idle(log);
        if (idle == null) {
            return;
        }
        List<Thread> writers = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(writer))
                .toList();
        while (!Thread.interrupted() && writers.stream().anyMatch(Thread::isAlive)) {
            writers.forEach(thread -> wake(thread, idle));
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /**
     * Interrupts the writer while it waits for this log's next task. What was on its way into the log when that was closed
     * may come this moment: its write is cut short then, and {@link DrivenStateMachine#notifyLogFailed} knows it.
     */
    private static void wake(Thread writer, Object idle) {
        if (LockSupport.getBlocker(writer) == idle) {
            writer.interrupt();
        }
    }
}
