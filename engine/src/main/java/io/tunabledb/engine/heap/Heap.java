package io.tunabledb.engine.heap;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How full the heap is with what can't be collected. A look is cheap; when it finds more in use than asked about, and
 * it is not known how much of that is garbage, a collection is made that tells: at most one for each {@link #GRAIN} of the
 * heap that has come since the last, or for each {@link #PAUSE_NANOS} while it stays full. Any thread.
 */
public final class Heap {
    private static final double GRAIN = 0.03;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** While it stays full no more than a part of the time goes into finding out. */
    private static final int PAUSE_FACTOR = 10;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final @Nullable Heap JVM = ofJvm();

    private final Gauge gauge;
    private final LongSupplier nanoTime;
    private volatile long lookedAt;
    private volatile long lastUsed;
    /** What was in use when it was found over a bound last. */
    private volatile long found;

    // guarded by this
    private long mayCollectAgain;
    private boolean isDeaf;

    Heap(Gauge gauge, LongSupplier nanoTime) {
        this.gauge = gauge;
        this.nanoTime = nanoTime;
        this.lookedAt = nanoTime.getAsLong() - LOOK_NANOS;
        this.mayCollectAgain = nanoTime.getAsLong();
    }

    /** This JVM's, or null when it does not say how full it is. */
    public static @Nullable Heap jvm() {
        return JVM;
    }

    private static @Nullable Heap ofJvm() {
        Gauge gauge = JvmGauge.find();
        return gauge == null ? null : new Heap(gauge, System::nanoTime);
    }

    /**
     * TC006 when this JVM's is so full that nothing more should be kept in it.
     *
     * @param what is asked for
     */
    public static void requireRoom(String what) throws SQLException {
        Heap heap = JVM;
        if (heap != null && heap.isOver(Brim.PART, 0)) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    what + " is refused: " + (heap.found() >> 20) + " MB of " + (heap.capacity() >> 20)
                            + " MB heap stay in use after a collection; do it in smaller parts, or give the JVM a"
                            + " larger heap (-Xmx)");
        }
    }

    /** How many bytes there are. */
    public long capacity() {
        return gauge.capacity();
    }

    /** How many bytes were in use after the last collection. */
    public long kept() {
        return gauge.kept();
    }

    /** How many bytes were in use when {@link #isOver} found too many last: for who tells why. */
    long found() {
        return found;
    }

    /** Whether more than that part of it would stay in use if {@code more} bytes came to what is there. */
    public boolean isOver(double part, long more) {
        long limit = (long) (capacity() * part) - more;
        if (used() < limit) {
            return false;
        }
        long kept = staysOver(limit);
        if (kept >= limit) {
            found = kept;
        }
        return kept >= limit;
    }

    /** What has happened since the last collection may have freed much. */
    synchronized void collectAnew() {
        mayCollectAgain = nanoTime.getAsLong();
    }

    /** Two threads that look at the same time do no harm. */
    private long used() {
        long now = nanoTime.getAsLong();
        if (now - lookedAt >= LOOK_NANOS) {
            lookedAt = now;
            lastUsed = gauge.used();
        }
        return lastUsed;
    }

    /** How much stays in use, where that is at least {@code limit}; less, how much less is not told. */
    private synchronized long staysOver(long limit) {
        long used = gauge.used();
        if (used < limit) {
            return 0;
        }
        long kept = gauge.kept();
        boolean wasOver = kept >= limit;
        boolean hasGrown = used - kept >= capacity() * GRAIN;
        if (isDeaf) {
            return used;
        }
        if (wasOver ? nanoTime.getAsLong() - mayCollectAgain < 0 : !hasGrown) {
            return wasOver ? kept : 0;
        }
        long began = nanoTime.getAsLong();
        isDeaf = !gauge.collect();
        long ended = nanoTime.getAsLong();
        mayCollectAgain = ended + Math.max(PAUSE_NANOS, PAUSE_FACTOR * (ended - began));
        lookedAt = ended - LOOK_NANOS;
        return isDeaf ? used : gauge.kept();
    }
}
