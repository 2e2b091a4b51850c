package io.tunabledb.engine.clock;

import java.util.ArrayDeque;

/**
 * A clock that is looked at all the time, and on which no more than a certain time passes between two looks: what passes beyond
 * is lost. Readings of the wall clock are arguments. Any thread may ask it, one looks.
 */
final class RunningClock {
    /** Older losses are forgotten: then {@link #wallNanos} is too short. */
    private static final int KEPT_LOSSES = 256;

    /** A look: the time, what was lost before it, and how much may pass until the next. */
    private record Look(long atNanos, long lostNanos, long mostNanos) {
        long lostBy(long wallNanos) {
            return Math.max(0, wallNanos - atNanos - mostNanos);
        }
    }

    private record Loss(long untilNanos, long nanos) {}

    /** Newest first. Guarded by the monitor. */
    private final ArrayDeque<Loss> losses = new ArrayDeque<>(KEPT_LOSSES);

    private volatile Look last;

    RunningClock(long wallNanos) {
        last = new Look(wallNanos, 0, Long.MAX_VALUE);
    }

    /**
     * Looks at the wall clock.
     *
     * @param mostNanos what may pass until the next look
     */
    synchronized void look(long wallNanos, long mostNanos) {
        Look before = last;
        long lost = before.lostBy(wallNanos);
        if (lost > 0) {
            if (losses.size() == KEPT_LOSSES) {
                losses.removeLast();
            }
            losses.addFirst(new Loss(wallNanos, lost));
        }
        last = new Look(wallNanos, before.lostNanos + lost, mostNanos);
    }

    /** The time here at a reading of the wall clock that was taken after the last look, or just before it. */
    long at(long wallNanos) {
        Look known = last;
        return wallNanos - known.lostNanos - known.lostBy(wallNanos);
    }

    /** How long before a reading of the wall clock the time here was {@code nanos} less; never shorter than that. */
    synchronized long wallNanos(long wallNanos, long nanos) {
        long ago = nanos + last.lostBy(wallNanos);
        for (Loss loss : losses) {
            if (wallNanos - loss.untilNanos >= ago) {
                break;
            }
            ago += loss.nanos;
        }
        return ago;
    }
}
