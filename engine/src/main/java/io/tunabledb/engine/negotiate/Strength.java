package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which of two rungs is stronger, in the order in which {@link Level} declares them; of two bounds, the tighter. */
final class Strength {

    private Strength() {}

    /** Stronger level; between two bounds the tighter one. */
    static boolean isStronger(Rung left, Rung right) {
        Duration leftBound = left.maxStaleness();
        Duration rightBound = right.maxStaleness();
        if (leftBound != null && rightBound != null) {
            int byBound = leftBound.compareTo(rightBound);
            return byBound < 0 || (byBound == 0 && entries(left) < entries(right));
        }
        return left.level().isStrongerThan(right.level());
    }

    /** Whether {@code rung} is below {@code floor}; a bound that is looser in either of its parts is. */
    static boolean isBelow(Rung rung, Rung floor) {
        Duration bound = rung.maxStaleness();
        Duration least = floor.maxStaleness();
        if (bound != null && least != null) {
            return bound.compareTo(least) > 0 || entries(rung) > entries(floor);
        }
        return floor.level().isStrongerThan(rung.level());
    }

    /**
     * The rung raised to the floor, with its options; itself when it is not below. The result also keeps the promise that
     * was asked for: what is below in the order of levels need not be implied by the floor. A bound asked for below a
     * session level becomes LINEARIZABLE, the weakest level that keeps both; MONOTONIC_READ below READ_YOUR_WRITE becomes
     * SEQUENTIAL, likewise.
     */
    static Rung raise(Rung rung, Rung floor) {
        if (!isBelow(rung, floor)) {
            return rung;
        }
        Level level = floor.level();
        Duration bound = rung.maxStaleness();
        Duration least = floor.maxStaleness();
        Long entries = floor.maxEntries();
        if (bound != null && least != null) {
            least = bound.compareTo(least) < 0 ? bound : least;
            entries = entries(rung) < entries(floor) ? rung.maxEntries() : floor.maxEntries();
        } else if (bound != null) {
            level = Level.LINEARIZABLE;
        } else if (rung.level() == Level.MONOTONIC_READ && level == Level.READ_YOUR_WRITE) {
            level = Level.SEQUENTIAL;
        }
        return new Rung(level, least, entries, rung.within(), rung.afterToken(), rung.ackAll());
    }

    /** Every rung raised; of equal neighbours one is left. */
    static Ladder raise(Ladder ladder, Rung floor) {
        List<Rung> rungs = new ArrayList<>();
        for (Rung rung : ladder.rungs()) {
            Rung raised = raise(rung, floor);
            if (rungs.isEmpty() || !rungs.get(rungs.size() - 1).equals(raised)) {
                rungs.add(raised);
            }
        }
        return new Ladder(rungs);
    }

    /** The weakest rung. */
    static Rung weakest(Ladder ladder) {
        Rung weakest = ladder.first();
        for (Rung rung : ladder.rungs()) {
            if (isStronger(weakest, rung)) {
                weakest = rung;
            }
        }
        return weakest;
    }

    /** {@code to} with the first rung's options, then the rungs of the ladder that are weaker still. */
    static Ladder lower(Ladder ladder, Rung to) {
        Rung first = ladder.first();
        List<Rung> rungs = new ArrayList<>();
        rungs.add(new Rung(
                to.level(), to.maxStaleness(), to.maxEntries(), first.within(), first.afterToken(), first.ackAll()));
        ladder.rungs().stream().filter(rung -> isStronger(to, rung)).forEach(rungs::add);
        return new Ladder(rungs);
    }

    private static long entries(Rung rung) {
        @Nullable Long entries = rung.maxEntries();
        return Objects.requireNonNullElse(entries, Long.MAX_VALUE);
    }
}
