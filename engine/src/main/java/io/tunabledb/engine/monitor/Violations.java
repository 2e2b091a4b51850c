package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.ConsistencyListener;
import io.tunabledb.consistency.Violation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The promises that were not kept: told to listeners, logged at most once a second, the newest kept to look at. */
final class Violations {
    private static final Logger LOG = LoggerFactory.getLogger(Violations.class);
    private static final int MOST_PENDING = 1000;
    private static final int MOST_KEPT = 100;
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<ConsistencyListener> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Violation> pending = new LinkedBlockingQueue<>(MOST_PENDING);
    private final Deque<Violation> newest = new ArrayDeque<>();
    /** Those that came too fast to be told. */
    private final AtomicLong lost = new AtomicLong();

    private long loggedNanos;
    private long unlogged;

    Violations(long nowNanos) {
        loggedNanos = nowNanos - LOG_EVERY_NANOS;
    }

    void add(ConsistencyListener listener) {
        listeners.add(listener);
    }

    void remove(ConsistencyListener listener) {
        listeners.remove(listener);
    }

    /** From any thread; never waits. */
    void found(Violation violation) {
        if (!pending.offer(violation)) {
            lost.incrementAndGet();
        }
    }

    /** The last {@value #MOST_KEPT}, newest first. */
    List<Violation> newest() {
        synchronized (newest) {
            return List.copyOf(newest);
        }
    }

    /** Tells and logs what was found since. On one thread. */
    void tell(long nowNanos) {
        for (Violation violation = pending.poll(); violation != null; violation = pending.poll()) {
            synchronized (newest) {
                newest.addFirst(violation);
                if (newest.size() > MOST_KEPT) {
                    newest.removeLast();
                }
            }
            log(violation, nowNanos);
            for (ConsistencyListener listener : listeners) {
                tell(listener, violation);
            }
        }
    }

    private void log(Violation violation, long nowNanos) {
        if (nowNanos - loggedNanos < LOG_EVERY_NANOS) {
            unlogged++;
            return;
        }
        unlogged += lost.getAndSet(0);
        LOG.warn(
                "{} on {} was not kept by {}: {} (found by {}; {} more since the last of these lines)",
                violation.granted(),
                violation.tables(),
                violation.replica(),
                violation.found(),
                violation.foundBy(),
                unlogged);
        loggedNanos = nowNanos;
        unlogged = 0;
    }

    private static void tell(ConsistencyListener listener, Violation violation) {
        try {
            listener.violated(violation);
        } catch (RuntimeException e) {
            LOG.warn("consistency listener {} failed", listener, e);
        }
    }
}
