package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Level;
import io.tunabledb.engine.route.Measured;
import io.tunabledb.engine.route.WaitProfile;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long each replica lately took to meet each level, where a read had to wait for it at all. A measurement is worth
 * half after {@value #HALF_LIFE_MILLIS} ms. Safe for any number of threads; a profile is a value, so a forecast sees one
 * state.
 */
public final class Waits implements Measured {
    private static final long HALF_LIFE_MILLIS = 1000;
    /** Where a replica and level are measured oftener than this, more would not change the forecast. */
    private static final long SPACING_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<Slot, Measurement> latest = new ConcurrentHashMap<>();

    private record Slot(int node, Level level) {}

    private record Measurement(WaitProfile profile, long atNanos) {}

    Waits(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** A read waited for a replica to meet its level; not met: it gave up. */
    public void measured(int node, Level level, long waitedNanos, boolean isMet) {
        Slot slot = new Slot(node, level);
        long now = nanoClock.getAsLong();
        Measurement before = latest.get(slot);
        if (before == null || !isMet || now - before.atNanos > SPACING_NANOS) {
            latest.merge(
                    slot,
                    new Measurement(WaitProfile.EMPTY.with(waitedNanos, isMet, 0), now),
                    (found, fresh) ->
                            new Measurement(found.profile.with(waitedNanos, isMet, factor(now - found.atNanos)), now));
        }
    }

    @Override
    public Recent waits(int node, Level level) {
        Measurement found = latest.get(new Slot(node, level));
        return found == null
                ? Measured.NOTHING.waits(node, level)
                : new Recent(found.profile, factor(nanoClock.getAsLong() - found.atNanos));
    }

    /** What a weight is worth so much later; another thread may have been later than this one. */
    private static double factor(long ageNanos) {
        return Math.min(1, Math.pow(0.5, (double) ageNanos / TimeUnit.MILLISECONDS.toNanos(HALF_LIFE_MILLIS)));
    }
}
