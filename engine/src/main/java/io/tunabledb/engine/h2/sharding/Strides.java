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
     * <p>Shards change an increment one after the other, each from where it stands. So one that does not begin again goes on
     * among the values that were its own before: no other shard has given one of them, or will, whether it has changed the
     * increment yet or not. A multiple of the increment before keeps it there.
     *
     * @param before the increment it had when it took its share last, if it goes on; else that which it has
     * @throws ShardRefusedException when there are not enough of them for all shards, or it can't go on so
     */
    public void on(Sequence sequence, long before) {
        long increment = sequence.getIncrement();
        String refusal = increment % before == 0 ? refusal(sequence) : refusalToGoOn(sequence, before);
        if (refusal != null) {
            throw new ShardRefusedException(refusal);
        }
        long stride = increment * shard.shards();
        long offset = shard.shard() * increment;
        long min = sequence.getMinValue() + (increment > 0 ? offset : 0);
        long max = sequence.getMaxValue() + (increment < 0 ? offset : 0);
        long own = shard.shard() * before;
        long base = sequence.getBaseValue() + own;
        if (increment > 0 ? base < min : base > max) {
            base += stride;
        }
        Sequence.Cycle cycle = sequence.getCycle();
        // the last values are not all there for every shard
        boolean isPast = increment > 0 ? base > max : base < min;
        if (isPast || overflows(sequence.getBaseValue(), own)) {
            base = increment > 0 ? min : max;
            cycle = cycle == Sequence.Cycle.CYCLE ? cycle : Sequence.Cycle.EXHAUSTED;
        }
        change(sequence, stride, offset, base, cycle);
    }

    private static String refusalToGoOn(Sequence sequence, long before) {
        return nameOf(sequence) + " can't go on with INCREMENT BY " + sequence.getIncrement() + " after "
                + before
                + ": each shard goes on among its own values, so the increment must be a multiple of what it was;"
                + " or add RESTART WITH and a value far beyond those that were given";
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
        return nameOf(sequence) + " INCREMENT BY " + sequence.getIncrement() + " MINVALUE "
                + sequence.getMinValue() + " MAXVALUE " + sequence.getMaxValue() + " has too few values to give "
                + shard.shards() + " shards each their own; widen MINVALUE and MAXVALUE, or lower INCREMENT";
    }

    /** That of an identity column is another on each replica. */
    private static String nameOf(Sequence sequence) {
        return sequence.getBelongsToTable() ? "the identity column" : "sequence " + sequence.getName();
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
