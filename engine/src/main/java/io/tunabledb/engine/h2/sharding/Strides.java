package io.tunabledb.engine.h2.sharding;

import org.h2.schema.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the values of a sequence apart over shards: of n shards, each takes every n-th of the values, beginning with its
 * own. In shard s a sequence that is declared START WITH a INCREMENT BY i has START WITH a + s·i INCREMENT BY n·i. A
 * definition is written for the sequence as declared, so for its time the stride is taken {@link #off}.
 */
public final class Strides {
    private final ShardOf shard;

    public Strides(ShardOf shard) {
        this.shard = shard;
    }

    /** Makes the sequence as it was declared. */
    public void off(Sequence sequence) {
        long increment = sequence.getIncrement() / shard.shards();
        long offset = -shard.shard() * increment;
        change(sequence, increment, offset, sequence.getBaseValue() + offset, sequence.getCycle());
    }

    /**
     * Gives the sequence its share of the values.
     *
     * @throws ShardRefusedException when there are not enough of them for all shards
     */
    public void on(Sequence sequence) {
        long increment = sequence.getIncrement();
        String refusal = refusal(sequence);
        if (refusal != null) {
            throw new ShardRefusedException(refusal);
        }
        long offset = shard.shard() * increment;
        long min = sequence.getMinValue() + (increment > 0 ? offset : 0);
        long max = sequence.getMaxValue() + (increment < 0 ? offset : 0);
        long base = sequence.getBaseValue() + offset;
        Sequence.Cycle cycle = sequence.getCycle();
        // the last values are not all there for every shard
        boolean isPast = increment > 0 ? base > max : base < min;
        if (isPast || overflows(sequence.getBaseValue(), offset)) {
            base = increment > 0 ? min : max;
            cycle = cycle == Sequence.Cycle.CYCLE ? cycle : Sequence.Cycle.EXHAUSTED;
        }
        change(sequence, increment * shard.shards(), offset, base, cycle);
    }

    private static boolean overflows(long a, long b) {
        return ((a ^ (a + b)) & (b ^ (a + b))) < 0;
    }

    /** The same answer in every shard: that of the last one, which has the least room. */
    private @Nullable String refusal(Sequence sequence) {
        try {
            long increment = sequence.getIncrement();
            long last = Math.multiplyExact(increment, shard.shards() - 1);
            long stride = Math.multiplyExact(increment, shard.shards());
            long start = Math.addExact(sequence.getStartValue(), last);
            long min = increment > 0 ? Math.addExact(sequence.getMinValue(), last) : sequence.getMinValue();
            long max = increment < 0 ? Math.addExact(sequence.getMaxValue(), last) : sequence.getMaxValue();
            if (min <= start && start <= max && Long.compareUnsigned(Math.abs(stride), max - min) <= 0 && min < max) {
                return null;
            }
        } catch (ArithmeticException e) {
            // no room either
        }
        return "sequence " + sequence.getName() + " INCREMENT BY " + sequence.getIncrement() + " MINVALUE "
                + sequence.getMinValue() + " MAXVALUE " + sequence.getMaxValue() + " has too few values to give "
                + shard.shards() + " shards each their own; widen MINVALUE and MAXVALUE, or lower INCREMENT";
    }

    /** Moves start and the end at which the sequence begins by {@code offset}. */
    private static void change(Sequence sequence, long increment, long offset, long base, Sequence.Cycle cycle) {
        // H2 computes a negative cache size for some descending sequences, and then refuses it
        Long cache = increment < 0 || sequence.getCacheSize() < 1 ? 1L : null;
        boolean exhausted = cycle == Sequence.Cycle.EXHAUSTED;
        sequence.modify(
                exhausted ? sequence.getStartValue() + offset : base,
                sequence.getStartValue() + offset,
                sequence.getMinValue() + (increment > 0 ? offset : 0),
                sequence.getMaxValue() + (increment < 0 ? offset : 0),
                increment,
                cycle,
                cache);
    }
}
