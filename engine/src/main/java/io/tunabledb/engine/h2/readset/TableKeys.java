package io.tunabledb.engine.h2.readset;

import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.row.NetEffects.RowEffect;
import io.tunabledb.engine.h2.row.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.value.Value;
import org.h2.value.ValueDate;
import org.h2.value.ValueUuid;
import org.jspecify.annotations.Nullable;

/**
 * By which keys rows of one table are found alone, and the fingerprints of their values. A key is here only if its
 * columns' types have one fingerprint for values that SQL takes for equal; rows with other keys can only be told by their
 * table.
 */
public final class TableKeys {
    static final long[] NONE = {};

    private final String table;
    private final List<Key> keys = new ArrayList<>(2);
    private final List<ForeignKey> foreignKeys = new ArrayList<>(0);

    /** What a change of a row does to a key. */
    private enum Sense {
        /** A statement that read the row by it read the row. */
        ROW(1),
        /** A statement that looked it up for a foreign key learned only whether there is one. */
        EXISTENCE(2);

        private final long seed;

        Sense(long seed) {
            this.seed = seed;
        }
    }

    /** Some columns, in order. */
    record Key(Column[] columns, long seed, Sense sense) {

        static Key of(Column[] columns, Sense sense) {
            long seed = sense.seed;
            for (Column column : columns) {
                seed = mix(seed, column.getName().hashCode());
            }
            return new Key(columns, seed, sense);
        }

        boolean isUsable() {
            for (Column column : columns) {
                if (!hasFingerprint(column)) {
                    return false;
                }
            }
            return true;
        }

        /** The fingerprint of values of the columns' types; 0, which stands for none, where one is null. */
        long fingerprint(Value[] values) {
            long hash = seed;
            for (Value value : values) {
                if (value.getValueType() == Value.NULL) {
                    return 0;
                }
                hash = mix(hash, hash(value));
            }
            return hash == 0 ? 1 : hash;
        }

        private long of(@Nullable Row row) {
            if (row == null) {
                return 0;
            }
            long hash = seed;
            for (Column column : columns) {
                Value value = row.getValue(column.getColumnId());
                if (value.getValueType() == Value.NULL) {
                    return 0;
                }
                hash = mix(hash, hash(value));
            }
            return hash == 0 ? 1 : hash;
        }
    }

    /** What a row says of another table: a foreign key as its child sees it, or as its parent does. */
    private record ForeignKey(Column[] own, MVTable other, Key key, boolean isChild) {}

    TableKeys(MVTable table) {
        this.table = Tables.nameOf(table).toString();
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique()) {
                add(Key.of(index.getColumns(), Sense.ROW));
            }
        }
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintReferential reference
                    && reference.getTable() instanceof MVTable child
                    && reference.getRefTable() instanceof MVTable parent) {
                Key inChild = Key.of(columns(reference.getColumns()), Sense.EXISTENCE);
                Key inParent = Key.of(columns(reference.getRefColumns()), Sense.EXISTENCE);
                if (child.equals(table)) {
                    add(inChild);
                    foreignKeys.add(new ForeignKey(inChild.columns, parent, inParent, true));
                }
                if (parent.equals(table)) {
                    add(inParent);
                    foreignKeys.add(new ForeignKey(inParent.columns, child, inChild, false));
                }
            }
        }
    }

    private static Column[] columns(IndexColumn[] columns) {
        return Arrays.stream(columns).map(column -> column.column).toArray(Column[]::new);
    }

    private void add(Key key) {
        if (key.isUsable()) {
            keys.add(key);
        }
    }

    /** {@code SCHEMA.NAME}. */
    String table() {
        return table;
    }

    /** The key a unique index has, or null when rows can't be told by it. */
    @Nullable
    Key of(Index index) {
        Key key = Key.of(index.getColumns(), Sense.ROW);
        return index.getIndexType().isUnique() && key.isUsable() ? key : null;
    }

    /** The tables that foreign keys lead to from here, or come from. */
    List<String> neighbours() {
        return foreignKeys.stream()
                .map(key -> Tables.nameOf(key.other).toString())
                .toList();
    }

    /** The keys of changed rows. */
    long[] of(List<RowEffect> rows) {
        if (keys.isEmpty()) {
            return NONE;
        }
        long[] found = new long[rows.size() * keys.size() * 2];
        int count = 0;
        for (RowEffect row : rows) {
            for (Key key : keys) {
                long before = key.of(row.before());
                long after = key.of(row.after());
                boolean moved = before != after;
                if (before != 0 && (moved || key.sense == Sense.ROW)) {
                    found[count++] = before;
                }
                if (after != 0 && moved) {
                    found[count++] = after;
                }
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** What the foreign keys' checks have read for these changes, of which H2 keeps no lock. */
    public void addReferences(List<RowEffect> rows, StatementReads reads) {
        for (ForeignKey reference : foreignKeys) {
            for (RowEffect row : rows) {
                // a child's check looks at the new parent, a parent's at the children of the old value
                Row looked = reference.isChild ? row.after() : row.before();
                Row other = reference.isChild ? row.before() : row.after();
                if (looked != null && (other == null || differ(looked, other, reference.own))) {
                    add(reference, looked, reads);
                }
            }
        }
    }

    private static boolean differ(Row a, Row b, Column[] columns) {
        for (Column column : columns) {
            if (!NetEffects.same(a.getValue(column.getColumnId()), b.getValue(column.getColumnId()))) {
                return true;
            }
        }
        return false;
    }

    private static void add(ForeignKey reference, Row row, StatementReads reads) {
        String table = Tables.nameOf(reference.other).toString();
        Value[] values = new Value[reference.own.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.getValue(reference.own[i].getColumnId());
        }
        long key = reference.key.isUsable() ? fingerprint(reference.key, values) : -1;
        if (key == -1) {
            reads.addTable(table);
        } else if (key != 0) {
            reads.addKey(table, key);
        }
    }

    /** The fingerprint of values of any types as the key's columns would hold them: 0 for none, -1 when it can't be told. */
    static long fingerprint(Key key, Value[] values) {
        Value[] converted = new Value[values.length];
        try {
            for (int i = 0; i < values.length; i++) {
                converted[i] = values[i].convertTo(key.columns[i].getType());
            }
        } catch (DbException e) {
            return -1;
        }
        return key.fingerprint(converted);
    }

    private static boolean hasFingerprint(Column column) {
        return switch (column.getType().getValueType()) {
            case Value.BOOLEAN,
                    Value.TINYINT,
                    Value.SMALLINT,
                    Value.INTEGER,
                    Value.BIGINT,
                    Value.NUMERIC,
                    Value.DECFLOAT,
                    Value.VARCHAR,
                    Value.UUID,
                    Value.DATE,
                    Value.VARBINARY -> true;
            default -> false;
        };
    }

    private static long hash(Value value) {
        return switch (value.getValueType()) {
            case Value.NUMERIC, Value.DECFLOAT ->
                value.getBigDecimal().stripTrailingZeros().hashCode();
            case Value.VARCHAR -> value.getString().hashCode();
            case Value.UUID -> ((ValueUuid) value).getHigh() * 31 + ((ValueUuid) value).getLow();
            case Value.DATE -> ((ValueDate) value).getDateValue();
            case Value.VARBINARY -> Arrays.hashCode(value.getBytesNoCopy());
            default -> value.getLong();
        };
    }

    /** Spreads, as SplitMix64 does (Steele, Lea and Flood, 2014). */
    private static long mix(long hash, long more) {
        long z = hash * 31 + more + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
