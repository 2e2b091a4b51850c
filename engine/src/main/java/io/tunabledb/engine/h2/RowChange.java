package io.tunabledb.engine.h2;

import java.util.List;
import java.util.Objects;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.value.Value;
import org.h2.value.ValueToObjectConverter;
import org.jspecify.annotations.Nullable;

/**
 * One row's change, worked out away from its shard.
 *
 * <p>It holds its values as storage has them; {@link #after} gives them as JDBC does.
 */
public final class RowChange {

    /** What happens to the row. */
    public enum Kind {
        INSERT,
        UPDATE,
        DELETE
    }

    private final Kind kind;
    private final int shard;
    private final long key;
    private final List<String> columns;
    private final @Nullable Value @Nullable [] after;
    private final String overriding;

    RowChange(Kind kind, int shard, long key, List<String> columns, Value @Nullable [] after, String overriding) {
        this.kind = kind;
        this.shard = shard;
        this.key = key;
        this.columns = columns;
        this.after = after;
        this.overriding = overriding;
    }

    /** What happens to the row. */
    public Kind kind() {
        return kind;
    }

    /** The shard it was fetched from; -1 for a new row. */
    public int shard() {
        return shard;
    }

    /** The columns that {@link #after} gives: all of an updated row, of a new one those the statement fills. */
    public List<String> columns() {
        return columns;
    }

    /**
     * What the row has afterwards, as JDBC's {@code getObject} gives it.
     *
     * @param column by its name as storage has it
     * @return null also for a column that a new row leaves to its shard, and for a row that is deleted
     */
    public @Nullable Object after(String column) {
        int index = columns.indexOf(column);
        Value[] values = after;
        if (index < 0 || values == null) {
            return null;
        }
        try {
            return ValueToObjectConverter.valueToDefaultObject(values[index], scratch(), false);
        } catch (DbException e) {
            throw new IllegalStateException("a value without an object: " + column, e);
        }
    }

    private static JdbcConnection scratch() {
        return ResultCodec.connection();
    }

    long key() {
        return key;
    }

    Value[] values() {
        return Objects.requireNonNull(after, "a deleted row has no values");
    }

    String overriding() {
        return overriding;
    }
}
