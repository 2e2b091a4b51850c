package io.tunabledb.engine.h2.ddl.move;

import io.tunabledb.engine.h2.sharding.ShardOf;
import java.util.List;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * Where a table's identity column goes on after a move, so that no shard gives a value again which another one has given.
 *
 * @param next the next value, of the sequence as it was declared: without strides
 * @param isExhausted whether it has no values any more
 * @param isAscending whether it counts upwards
 */
public record MovedIdentity(long next, boolean isExhausted, boolean isAscending) {

    /** Of the table here; null when it has no identity column. */
    public static @Nullable MovedIdentity of(MVTable table, ShardOf here, boolean isStrided) {
        Sequence sequence = sequence(table);
        if (sequence == null) {
            return null;
        }
        long offset = isStrided ? here.shard() * (sequence.getIncrement() / here.shards()) : 0;
        return new MovedIdentity(
                sequence.getBaseValue() - offset,
                sequence.getCycle() == Sequence.Cycle.EXHAUSTED,
                sequence.getIncrement() > 0);
    }

    /** The one that is past all of them. */
    public static @Nullable MovedIdentity last(List<@Nullable MovedIdentity> all) {
        MovedIdentity last = null;
        for (MovedIdentity each : all) {
            if (each != null) {
                last = last == null ? each : last.later(each);
            }
        }
        return last;
    }

    private MovedIdentity later(MovedIdentity other) {
        return new MovedIdentity(
                isAscending ? Math.max(next, other.next) : Math.min(next, other.next),
                isExhausted || other.isExhausted,
                isAscending);
    }

    /** Puts the identity column, which is as it was declared, where this says. */
    void put(MVTable table) {
        Sequence sequence = sequence(table);
        if (sequence == null) {
            return;
        }
        if (isExhausted) {
            sequence.modify(null, null, null, null, null, Sequence.Cycle.EXHAUSTED, null);
        } else {
            sequence.modify(next, null, null, null, null, null, null);
        }
    }

    private static @Nullable Sequence sequence(MVTable table) {
        for (Column column : table.getColumns()) {
            Sequence sequence = column.getSequence();
            if (sequence != null && sequence.getBelongsToTable()) {
                return sequence;
            }
        }
        return null;
    }
}
