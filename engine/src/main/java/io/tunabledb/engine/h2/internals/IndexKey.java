package io.tunabledb.engine.h2.internals;

import org.h2.engine.Constants;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.jspecify.annotations.Nullable;

/**
 * An entry of an index over columns in which equal values may look different. Beside its columns, and after them, it shows what
 * H2 compares besides: the row key, and then how such values look. See {@link IndexKeys}.
 */
final class IndexKey extends SearchRow {
    private final IndexKeys of;
    private final @Nullable Value[] values;

    IndexKey(IndexKeys of, int columns) {
        this.of = of;
        this.values = new Value[columns];
    }

    @Override
    public int getColumnCount() {
        return of.getColumnCount();
    }

    /** Null, which ends H2's comparison, where it has no such column. */
    @Override
    @SuppressWarnings("NullAway") // H2's own contract of getValue for a part of a row
    public Value getValue(int column) {
        if (column < of.getColumnCount()) {
            return column == ROWID_INDEX ? ValueBigint.get(key) : own(column);
        }
        if (column == of.getColumnCount()) {
            return key == MATCH_ALL_ROW_KEY ? null : ValueBigint.get(key);
        }
        Value value = own(of.inexact(column - of.getColumnCount() - 1));
        return value == null ? null : ExactTypes.looks(value);
    }

    private @Nullable Value own(int column) {
        int place = of.place(column);
        return place < 0 ? null : values[place];
    }

    @Override
    public void setValue(int column, Value value) {
        if (column == ROWID_INDEX) {
            setKey(value.getLong());
        } else if (of.place(column) >= 0) {
            values[of.place(column)] = value;
        }
    }

    @Override
    public int getMemory() {
        int memory = Constants.MEMORY_OBJECT + Constants.MEMORY_ARRAY;
        for (Value value : values) {
            memory += Constants.MEMORY_POINTER + (value == null ? 0 : value.getMemory());
        }
        return memory;
    }

    @Override
    public void copyFrom(SearchRow source) {
        setKey(source.getKey());
        for (int column : of.getIndexes()) {
            setValue(column, source.getValue(column));
        }
    }

    @Override
    public String toString() {
        return of.text(this);
    }
}
