package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.row.RowGuard;
import io.tunabledb.engine.h2.row.Tables;
import org.h2.constraint.Constraint;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every row that a statement inserts into a sharded table here, or whose shard key it changes. A row whose
 * key belongs to another shard is refused, never stored where nobody looks for it. A key that the identity column itself
 * has just generated is exchanged for the next one that belongs here.
 */
final class ShardKeyGuard extends RowGuard {
    private final MVTable guarded;
    private final Column column;
    private final KeyShards shards;

    ShardKeyGuard(MVTable table, Column column, KeyShards shards) {
        super(table, Kind.SHARD_KEY);
        this.guarded = table;
        this.column = column;
        this.shards = shards;
    }

    @Override
    public void checkRow(SessionLocal session, Table t, @Nullable Row before, @Nullable Row after) {
        if (after == null) {
            return;
        }
        Value key = after.getValue(column.getColumnId());
        if ((before != null && NetEffects.same(before.getValue(column.getColumnId()), key)) || shards.isHere(key)) {
            return;
        }
        Sequence sequence = column.getSequence();
        if (before != null || sequence == null || !isGenerated(session, sequence, key)) {
            throw shards.notHere(Tables.nameOf(guarded).toString(), column.getName(), key);
        }
        after.setValue(column.getColumnId(), draw(session, sequence));
        // what is computed from the key, and what checks it, was before
        guarded.convertUpdateRow(session, after, true);
        for (Constraint other : guarded.getConstraints()) {
            if (other.isBefore() && !(other instanceof ShardKeyGuard)) {
                other.checkRow(session, t, null, after);
            }
        }
    }

    /** Whether it is the last value that the session took. */
    private boolean isGenerated(SessionLocal session, Sequence sequence, Value key) {
        try {
            Value taken = column.convert(session, session.getCurrentValueFor(sequence));
            return session.compare(taken, key) == 0;
        } catch (DbException e) {
            return false; // it took none
        }
    }

    private Value draw(SessionLocal session, Sequence sequence) {
        for (int i = 0; i < shards.draws(); i++) {
            Value next = column.convert(session, session.getNextValueFor(sequence, null));
            if (shards.isHere(next)) {
                return next;
            }
        }
        throw KeyShards.error("identity " + column.getName() + " of " + Tables.nameOf(guarded) + " gave "
                + shards.draws() + " values that belong to other shards; give the key in the statement");
    }
}
