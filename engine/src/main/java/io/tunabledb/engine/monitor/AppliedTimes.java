package io.tunabledb.engine.monitor;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * When each replica of this process applied each of the newest {@value #KEPT} entries that changed rows: the time line
 * that audits compare with, taken where entries are applied and nowhere a read is served. Each replica's apply thread
 * writes, any thread reads.
 *
 * <p>A slot holds the entry's index above {@value #SLOT_BITS} bits and the microsecond, rounded up, so one read gets both.
 */
final class AppliedTimes {
    static final long NEVER = Long.MAX_VALUE;
    private static final int SLOT_BITS = 15;
    /** How many indexes back are known. */
    static final int KEPT = 1 << SLOT_BITS;

    private static final int MICROS_BITS = 44;
    private static final long MICROS_MASK = (1L << MICROS_BITS) - 1;
    private static final int MOST_NODES = 16;

    private final long epochNanos;
    private final AtomicReferenceArray<@Nullable AtomicLongArray> nodes = new AtomicReferenceArray<>(MOST_NODES);
    private final AtomicLongArray newest = new AtomicLongArray(MOST_NODES);

    /** What the first time given is not before. */
    AppliedTimes(long epochNanos) {
        this.epochNanos = epochNanos;
    }

    /** A replica has applied an entry. One that replays its log does so again, which changes nothing. */
    void applied(int node, long index, long nanos) {
        AtomicLongArray slots = nodes.get(node);
        if (slots == null) {
            slots = new AtomicLongArray(KEPT);
            nodes.set(node, slots);
        }
        int slot = (int) index & (KEPT - 1);
        if (index <= newest.get(node) && index(slots.get(slot), slot) >= index) {
            return;
        }
        long micros = Math.floorDiv(nanos - epochNanos, 1000L) + 1;
        slots.set(slot, (index >>> SLOT_BITS) << MICROS_BITS | (micros & MICROS_MASK));
        newest.accumulateAndGet(node, index, Math::max);
    }

    private static long index(long packed, int slot) {
        return packed == 0 ? -1 : (packed >>> MICROS_BITS) << SLOT_BITS | slot;
    }

    /** When a replica applied an entry, on the clock of {@link System#nanoTime}; NEVER when it is not known to have. */
    long at(int node, long index) {
        AtomicLongArray slots = nodes.get(node);
        int slot = (int) index & (KEPT - 1);
        long packed = slots == null ? 0 : slots.get(slot);
        return index(packed, slot) == index ? epochNanos + (packed & MICROS_MASK) * 1000 : NEVER;
    }

    /** When the first replica applied an entry, so that it was committed by then; NEVER when none is known to have. */
    long first(long index) {
        long first = NEVER;
        for (int node = 1; node < MOST_NODES; node++) {
            first = Math.min(first, at(node, index));
        }
        return first;
    }

    /** The highest index a replica has applied. */
    long newest(int node) {
        return newest.get(node);
    }

    /** The highest index any replica has applied. */
    long newest() {
        long highest = 0;
        for (int node = 1; node < MOST_NODES; node++) {
            highest = Math.max(highest, newest.get(node));
        }
        return highest;
    }
}
