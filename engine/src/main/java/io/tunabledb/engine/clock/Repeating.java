package io.tunabledb.engine.clock;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that is done again and again, also after it threw. A timer forgets one that throws a single time and says nothing;
 * when memory ends for a moment, any does.
 */
public final class Repeating {
    private static final Logger LOG = LoggerFactory.getLogger(Repeating.class);

    private Repeating() {}

    /** On the timer's thread: only what is quick. */
    public static ScheduledFuture<?> on(ScheduledExecutorService timer, long pauseMillis, Runnable job) {
        return timer.scheduleWithFixedDelay(() -> safely(job), pauseMillis, pauseMillis, TimeUnit.MILLISECONDS);
    }

    /** Off the timer's thread, one at a time: what hangs, as on a disk, must not hold up other timers. */
    public static ScheduledFuture<?> off(
            ScheduledExecutorService timer, Executor executor, long pauseMillis, Runnable job) {
        AtomicBoolean isUnderWay = new AtomicBoolean();
        return on(timer, pauseMillis, () -> {
            if (!isUnderWay.compareAndSet(false, true)) {
                return;
            }
            boolean isTaken = false;
            try {
                executor.execute(() -> {
                    try {
                        safely(job);
                    } finally {
                        isUnderWay.set(false);
                    }
                });
                isTaken = true;
            } finally {
                if (!isTaken) {
                    isUnderWay.set(false);
                }
            }
        });
    }

    private static void safely(Runnable job) {
        try {
            job.run();
        } catch (RuntimeException | Error e) {
            try {
                LOG.warn("a job that is done again and again failed; it is done again", e);
            } catch (RuntimeException | Error unsaid) {
                // there is not even room for words; the next turn may have some
            }
        }
    }
}
