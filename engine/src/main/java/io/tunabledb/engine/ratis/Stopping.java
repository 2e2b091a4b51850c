package io.tunabledb.engine.ratis;

import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.server.RaftServer;

/**
 * Closes a division without the second that Ratis takes for it: its log writer looks only once a second whether it
 * should end.
 */
final class Stopping {
    private static final long LOOK_NANOS = 2_000_000;

    private Stopping() {}

    static void stop(RaftServer.Division division) {
        Thread waker = new Thread(() -> wakeLogWriter(division), "stop-" + division.getMemberId());
        waker.setDaemon(true);
        waker.start();
        try {
            CacheEviction.end(division);
            division.close();
        } finally {
            waker.interrupt();
        }
    }

    private static void wakeLogWriter(RaftServer.Division division) {
        while (division.getRaftLog().isOpened()) {
            if (Thread.interrupted()) {
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        // until the writer is told to end, or it would complain about the interrupt
        LockSupport.parkNanos(LOOK_NANOS);
        String name = division.getMemberId() + "-SegmentedRaftLogWorker";
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name)) {
                wake(thread);
            }
        }
    }

    /** Interrupts the writer while it waits, never while it writes: nothing new comes into a closed log. */
    private static void wake(Thread writer) {
        while (writer.isAlive() && !Thread.interrupted()) {
            if (writer.getState() == Thread.State.TIMED_WAITING) {
                writer.interrupt();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
