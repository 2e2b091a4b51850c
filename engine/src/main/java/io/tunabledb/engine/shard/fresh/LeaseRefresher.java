package io.tunabledb.engine.shard.fresh;

import io.tunabledb.engine.shard.life.Lifecycle;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one replica's freshness lease young while bounded reads are in use: refreshes when 80 % of the smallest bound in
 * recent use is spent, and stops when no read asks.
 */
final class LeaseRefresher {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseRefresher.class);
    /** A dashboard that looks every five seconds is not forgotten. */
    private static final long FORGET_AFTER_NANOS = TimeUnit.SECONDS.toNanos(6);

    private final Freshness freshness;
    private final Lifecycle life;
    private final ScheduledExecutorService scheduler;
    private final AtomicBoolean active = new AtomicBoolean();
    private volatile long smallestBoundNanos = Long.MAX_VALUE;
    private volatile long smallestAskedAt;
    private volatile long lastAskedAt;

    LeaseRefresher(Freshness freshness, Lifecycle life, ScheduledExecutorService scheduler) {
        this.freshness = freshness;
        this.life = life;
        this.scheduler = scheduler;
    }

    /** A bounded read came by. */
    void asked(long boundNanos) {
        long now = freshness.now();
        lastAskedAt = now;
        if (boundNanos <= smallestBoundNanos || now - smallestAskedAt > FORGET_AFTER_NANOS) {
            smallestBoundNanos = boundNanos;
            smallestAskedAt = now;
        }
        if (active.compareAndSet(false, true)) {
            schedule();
        }
    }

    private void schedule() {
        long spent = freshness.stalenessNanos();
        long due = smallestBoundNanos / 10 * 8;
        long wait = spent == Long.MAX_VALUE ? 0 : Math.max(0, due - spent);
        // a bound of nanoseconds must not turn into a busy loop
        long delay = Math.max(TimeUnit.MILLISECONDS.toNanos(1), wait);
        refreshIn(delay);
    }

    private void refreshIn(long delayNanos) {
        // no read waits for it: the next bounded one finds the lease, young or not
        ScheduledFuture<?> unused = scheduler.schedule(this::refreshSafely, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void refreshSafely() {
        try {
            refresh();
        } catch (RuntimeException | Error e) {
            // the replica stopped under us; the next bounded read starts the refresher again
            LOG.debug("lease refresher stopped", e);
            active.set(false);
        }
    }

    private void refresh() {
        if (freshness.now() - lastAskedAt > Math.max(FORGET_AFTER_NANOS, 2 * smallestBoundNanos) || !life.isAlive()) {
            smallestBoundNanos = Long.MAX_VALUE;
            active.set(false);
            return;
        }
        if (freshness.stalenessNanos() >= smallestBoundNanos / 10 * 8) {
            var unused = freshness.refreshLease().whenComplete((done, failure) -> {
                if (failure == null) {
                    schedule();
                } else {
                    // no leader to ask: try again soon, but not in a tight loop
                    refreshIn(TimeUnit.MILLISECONDS.toNanos(100));
                }
            });
        } else {
            schedule();
        }
    }
}
