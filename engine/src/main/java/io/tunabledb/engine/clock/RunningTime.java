package io.tunabledb.engine.clock;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The monotonic clock less the time in which this process did not run: it was stopped, collected garbage, or had to share the
 * machine with so many that its threads were not woken. When all nodes are in one process, a silence that it slept through
 * says nothing of any of them.
 *
 * <p>A thread looks at the wall clock while any room {@linkplain #watch watches}. Between two looks no more than {@link
 * #MOST_NANOS} pass, also for a caller that asks before that thread has looked again: no thread that goes on after a pause is quicker than
 * this. Without a watcher it goes as the wall clock does.
 *
 * <p>It measures no promise: what is fresh, and a leader's lease, go by {@link System#nanoTime}.
 */
public final class RunningTime {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** A thread that is woken later by less is no sign of anything. */
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(60);

    private static final Object LOCK = new Object();
    private static final RunningClock CLOCK = new RunningClock(System.nanoTime());
    /** The thread that looks, while there is one. Guarded by the lock. */
    private static boolean isLookedAt;
    /** Guarded by the lock. */
    private static int watchers;

    private RunningTime() {}

    /** Keeps the clock going as it should until it is closed. */
    public static final class Watch implements AutoCloseable {
        private boolean isClosed;

        private Watch() {}

        @Override
        public void close() {
            synchronized (LOCK) {
                if (!isClosed) {
                    isClosed = true;
                    watchers--;
                }
            }
        }
    }

    /** Begins to look at the clock, if no other room does yet. */
    public static Watch watch() {
        synchronized (LOCK) {
            watchers++;
            if (!isLookedAt) {
                isLookedAt = true;
                CLOCK.look(System.nanoTime(), MOST_NANOS);
                Thread thread = new Thread(RunningTime::lookOn, "tunabledb-clock");
                thread.setDaemon(true);
                // else the application whose thread was the first to come here could never be unloaded
                thread.setContextClassLoader(RunningTime.class.getClassLoader());
                thread.start();
            }
        }
        return new Watch();
    }

    private static void lookOn() {
        while (true) {
            LockSupport.parkNanos(LOOK_NANOS);
            synchronized (LOCK) {
                if (watchers == 0) {
                    isLookedAt = false;
                    CLOCK.look(System.nanoTime(), Long.MAX_VALUE);
                    return;
                }
                CLOCK.look(System.nanoTime(), MOST_NANOS);
            }
        }
    }

    /** The time now; only differences mean anything. */
    public static long nanos() {
        return CLOCK.at(System.nanoTime());
    }

    /** The time at a reading of {@link System#nanoTime} that was taken just now. */
    public static long at(long wallNanos) {
        return CLOCK.at(wallNanos);
    }

    /** How long it took by {@link System#nanoTime} until {@code nanos} had passed here, up to now. */
    public static long wallNanos(long nanos) {
        return CLOCK.wallNanos(System.nanoTime(), nanos);
    }

    /** What waits for a time by the wall clock, and says whether what it waits for has come. */
    @FunctionalInterface
    public interface Wait {
        boolean forNanos(long nanos) throws InterruptedException;
    }

    /** Waits as {@code wait} does, such as {@link java.util.concurrent.locks.Lock#tryLock(long, TimeUnit)}, by this clock. */
    public static boolean await(Wait wait, long nanos) throws InterruptedException {
        long untilNanos = nanos() + nanos;
        long left = nanos;
        while (true) {
            if (wait.forNanos(Math.max(0, left))) {
                return true;
            }
            left = untilNanos - nanos();
            if (left <= 0) {
                return false;
            }
        }
    }

    /** As {@link Future#get(long, TimeUnit)}, by this clock. */
    public static <T> T await(Future<T> future, long nanos)
            throws ExecutionException, TimeoutException, InterruptedException {
        if (future.isDone()) {
            return future.get();
        }
        long untilNanos = nanos() + nanos;
        long left = nanos;
        while (true) {
            try {
                return future.get(left, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                left = untilNanos - nanos();
                if (left <= 0) {
                    throw e;
                }
            }
        }
    }
}
