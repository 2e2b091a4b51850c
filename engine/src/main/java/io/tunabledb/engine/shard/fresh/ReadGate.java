package io.tunabledb.engine.shard.fresh;

import io.tunabledb.engine.clock.Deadline;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/**
 * Lets many queries run, or one change of the schema (or of the whole storage), never both. Queries pay two uncontended
 * atomic operations: their counters are striped by thread.
 */
public final class ReadGate {
    private static final int STRIPES = 16;
    private static final int PADDING = 16;

    private static final long LOOK_AGAIN_NANOS = 5_000_000;
    private final AtomicIntegerArray inside = new AtomicIntegerArray(STRIPES * PADDING);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean closed;

    /** Enters; false when the gate stayed closed until the deadline. The token goes to {@link #exit}. */
    public boolean enter(int stripe, Deadline deadline) throws InterruptedException {
        while (true) {
            inside.incrementAndGet(stripe);
            // a closer sets the flag first and reads the counters after: one of the two sees the other
            if (!closed) {
                return true;
            }
            exit(stripe);
            if (!awaitOpen(deadline)) {
                return false;
            }
        }
    }

    public void exit(int stripe) {
        inside.decrementAndGet(stripe);
        if (closed) {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** The stripe of the calling thread. */
    public static int stripe() {
        return (int) (Thread.currentThread().getId() & (STRIPES - 1)) * PADDING;
    }

    /** How many queries are inside. */
    public int load() {
        int sum = 0;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            sum += inside.get(stripe * PADDING);
        }
        return sum;
    }

    /** Admits no statement from now on. */
    public void close() {
        closed = true;
    }

    /** Waits until every statement has left; false when the deadline came first. */
    public boolean awaitEmpty(Deadline deadline) throws InterruptedException {
        return awaitEmpty(deadline, () -> 0);
    }

    /** Waits until no statement is inside but those that do no harm, whose number is asked for again and again. */
    public boolean awaitEmpty(Deadline deadline, IntSupplier harmless) throws InterruptedException {
        lock.lock();
        try {
            while (load() > harmless.getAsInt()) {
                long left = deadline.remainingNanos();
                if (left == 0) {
                    return false;
                }
                // a statement that comes to do no harm does not signal it
                changed.awaitNanos(Math.min(left, LOOK_AGAIN_NANOS));
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    public void open() {
        lock.lock();
        try {
            closed = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitOpen(Deadline deadline) throws InterruptedException {
        lock.lock();
        try {
            while (closed) {
                long left = deadline.remainingNanos();
                if (left == 0) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
