package io.tunabledb.engine.load;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one session is doing, for the meter to look at. Written by the session's thread alone, without a lock and without
 * a cache line that others write; the meter reads it now and then.
 */
public final class Activity {
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong waitedNanos = new AtomicLong();

    /** What the meter saw last; its alone. */
    private long seenStatements;

    private long seenWaitedNanos;

    Activity() {}

    /** A statement begins. */
    public void begin() {
        busy.setOpaque(true);
    }

    /** It ended, and waited so long; a statement that failed says 0. */
    public void end(long waited) {
        waitedNanos.setOpaque(waitedNanos.getPlain() + waited);
        statements.setOpaque(statements.getPlain() + 1);
        busy.setOpaque(false);
    }

    boolean isBusy() {
        return busy.getOpaque();
    }

    /** How many statements ended since it was asked last. */
    long newStatements() {
        long now = statements.getOpaque();
        long more = now - seenStatements;
        seenStatements = now;
        return more;
    }

    /** How long those waited in all. */
    long newWaitedNanos() {
        long now = waitedNanos.getOpaque();
        long more = now - seenWaitedNanos;
        seenWaitedNanos = now;
        return more;
    }
}
