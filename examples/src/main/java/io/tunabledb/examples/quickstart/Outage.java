package io.tunabledb.examples.quickstart;

import java.util.concurrent.TimeUnit;

/** When the branch was cut off: what may be refused to it then, and until it has caught up. */
final class Outage {
    private static final long CATCHING_UP_NANOS = TimeUnit.SECONDS.toNanos(3);

    private volatile boolean begun;
    private volatile long begunNanos;
    private volatile boolean ended;
    private volatile long endedNanos;

    void begin() {
        begunNanos = System.nanoTime();
        begun = true;
    }

    void end() {
        endedNanos = System.nanoTime();
        ended = true;
    }

    /** Whether an execution from {@code startNanos} to {@code endNanos} may have met the outage. */
    boolean excuses(long startNanos, long endNanos) {
        return begun && endNanos - begunNanos >= 0 && !(ended && startNanos - endedNanos > CATCHING_UP_NANOS);
    }
}
