package io.tunabledb.engine.load;

import java.time.Duration;

/**
 * A threshold that counts as passed only after the load stayed above it for a time, and as left only after it stayed
 * below by a margin for a time. What is granted while it is passed is cheaper and lets the load fall, so a return may
 * bring the load back: each return that does not last ten times {@code leave} doubles how long the calm must be next
 * time, up to sixteen times, and one that does forgets it. So the number of switches in a time is bounded whatever the
 * load does. Not safe for use by many threads.
 */
final class Hysteresis {
    private static final int MOST_PATIENCE = 16;
    private static final int LASTING = 10;

    private final double threshold;
    private final double margin;
    private final long enterNanos;
    private final long leaveNanos;
    private boolean passed;
    /** Since when the load is on the other side; meaningful while {@code turning}. */
    private long turningSince;

    private boolean turning;
    private int patience = 1;
    private long leftAt;
    private boolean wasPassed;
    private long switches;

    Hysteresis(double threshold, Duration enter, Duration leave, double margin) {
        this.threshold = threshold;
        this.margin = margin;
        this.enterNanos = enter.toNanos();
        this.leaveNanos = leave.toNanos();
    }

    /** Takes a reading of the load; true when that switched it. */
    boolean update(double load, long nowNanos) {
        boolean away = passed ? load < threshold * (1 - margin) : load > threshold;
        if (!away) {
            turning = false;
            return false;
        }
        if (!turning) {
            turning = true;
            turningSince = nowNanos;
        }
        if (nowNanos - turningSince < (passed ? leaveNanos * patience : enterNanos)) {
            return false;
        }
        turning = false;
        passed = !passed;
        switches++;
        if (!passed) {
            leftAt = nowNanos;
            wasPassed = true;
        } else if (wasPassed) {
            boolean lasted = nowNanos - leftAt >= leaveNanos * LASTING;
            patience = lasted ? 1 : Math.min(MOST_PATIENCE, patience * 2);
        }
        return true;
    }

    double threshold() {
        return threshold;
    }

    boolean isPassed() {
        return passed;
    }

    /** How often it switched, either way. */
    long switches() {
        return switches;
    }
}
