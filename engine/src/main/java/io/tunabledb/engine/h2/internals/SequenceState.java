package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.api.PrivateField;
import java.util.WeakHashMap;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.schema.Sequence;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.jspecify.annotations.Nullable;

/** Where a sequence stands, and what a session last took from it: enough to go on with it in another database. */
public final class SequenceState {
    private static final PrivateField CURRENT_VALUES = PrivateField.of(SessionLocal.class, "currentValueFor");

    private final long next;
    private final boolean exhausted;
    private final @Nullable Value current;

    private SequenceState(long next, boolean exhausted, @Nullable Value current) {
        this.next = next;
        this.exhausted = exhausted;
        this.current = current;
    }

    public static SequenceState of(Sequence sequence, SessionLocal session) {
        synchronized (sequence) {
            return new SequenceState(
                    sequence.getBaseValue(),
                    sequence.getCycle() == Sequence.Cycle.EXHAUSTED,
                    currentValues(session).get(sequence));
        }
    }

    /** Whether the same values come next. */
    public boolean isAt(SequenceState other) {
        return exhausted == other.exhausted && (exhausted || next == other.next);
    }

    /** Makes a sequence with the same definition go on from here, for that session. */
    public void put(Sequence sequence, SessionLocal session) {
        synchronized (sequence) {
            if (exhausted) {
                sequence.modify(null, null, null, null, null, Sequence.Cycle.EXHAUSTED, null);
            } else {
                boolean wasExhausted = sequence.getCycle() == Sequence.Cycle.EXHAUSTED;
                Sequence.Cycle cycle = wasExhausted ? Sequence.Cycle.NO_CYCLE : null;
                sequence.modify(next, null, null, null, null, cycle, cacheSize(sequence));
            }
        }
        if (current == null) {
            currentValues(session).remove(sequence);
        } else {
            currentValues(session).put(sequence, current);
        }
    }

    /** H2 computes a negative cache size for some descending sequences, and then refuses it. */
    private static @Nullable Long cacheSize(Sequence sequence) {
        return sequence.getIncrement() < 0 || sequence.getCacheSize() < 1 ? 1L : null;
    }

    /**
     * How many values were taken when the sequence went from here to {@code end}; of one that goes round and round, only
     * those since it last came by here.
     */
    public long taken(SequenceState end, Sequence sequence) {
        if (isAt(end)) {
            return 0;
        }
        long increment = sequence.getIncrement();
        if (end.exhausted) {
            return left(next, sequence);
        }
        boolean isAhead = increment > 0 ? end.next > next : end.next < next;
        long first = increment > 0 ? sequence.getMinValue() : sequence.getMaxValue();
        return isAhead
                ? Math.abs(Long.divideUnsigned(Math.abs(end.next - next), Math.abs(increment)))
                : left(next, sequence) + Long.divideUnsigned(Math.abs(end.next - first), Math.abs(increment));
    }

    /** How many values there are from {@code from} to the end; at most more than are ever taken. */
    private static long left(long from, Sequence sequence) {
        long increment = sequence.getIncrement();
        long room = increment > 0 ? sequence.getMaxValue() - from : from - sequence.getMinValue();
        long steps = Long.divideUnsigned(room, Math.abs(increment));
        return steps < 0 || steps == Long.MAX_VALUE ? Long.MAX_VALUE : steps + 1;
    }

    /**
     * Takes values that no other statement gets, one after the other: the first is this state's next.
     *
     * @param count how many; with 0 the state is only looked at
     * @return where the sequence stood before
     * @throws DbException 90006 when there are not as many left
     */
    public static SequenceState take(Sequence sequence, long count, SessionLocal session) {
        synchronized (sequence) {
            SequenceState before = of(sequence, session);
            if (count == 0) {
                return before;
            }
            long increment = sequence.getIncrement();
            long left = before.exhausted ? 0 : left(before.next, sequence);
            boolean isCycle = sequence.getCycle() == Sequence.Cycle.CYCLE;
            if (count > left && !isCycle) {
                throw DbException.get(ErrorCode.SEQUENCE_EXHAUSTED, sequence.getName());
            }
            long from = before.next;
            long more = count;
            while (more >= left && isCycle) {
                more -= left;
                from = increment > 0 ? sequence.getMinValue() : sequence.getMaxValue();
                left = left(from, sequence);
            }
            long last = more == 0
                    ? (increment > 0 ? sequence.getMaxValue() : sequence.getMinValue())
                    : from + (more - 1) * increment;
            if (more == left) {
                sequence.modify(null, null, null, null, null, Sequence.Cycle.EXHAUSTED, cacheSize(sequence));
            } else {
                sequence.modify(from + more * increment, null, null, null, null, null, cacheSize(sequence));
            }
            Value taken = ValueBigint.get(last).castTo(sequence.getDataType(), session);
            currentValues(session).put(sequence, taken);
            return before;
        }
    }

    @SuppressWarnings("unchecked")
    private static WeakHashMap<Sequence, Value> currentValues(SessionLocal session) {
        WeakHashMap<Sequence, Value> values = (WeakHashMap<Sequence, Value>) CURRENT_VALUES.get(session);
        if (values == null) {
            values = new WeakHashMap<>();
            CURRENT_VALUES.set(session, values);
        }
        return values;
    }
}
