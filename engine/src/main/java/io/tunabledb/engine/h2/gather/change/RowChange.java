package io.tunabledb.engine.h2.gather.change;

import io.tunabledb.engine.h2.codec.ResultCodec;
import java.util.List;
import java.util.Objects;
import org.h2.value.Value;
import org.h2.value.ValueToObjectConverter;
import org.jspecify.annotations.Nullable;

/** One row's change, worked out away from its shard. It holds its values as storage has them. */
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
    private final List<String> changed;
    private final Value @Nullable [] after;
    private final String overriding;

    private RowChange(
            Kind kind,
            Place place,
            List<String> columns,
            List<String> changed,
            Value @Nullable [] after,
            String overriding) {
        this.kind = kind;
        this.shard = place.shard();
        this.key = place.key();
        this.columns = columns;
        this.changed = changed;
        this.after = after;
        this.overriding = overriding;
    }

    /** Where a row is: its shard and its row key there. */
    record Place(int shard, long key) {
        static final Place NONE = new Place(-1, 0);
    }

    /** A new row; {@code overriding} is what its INSERT says of identity columns, or empty. */
    public static RowChange insert(List<String> columns, Value[] values, String overriding) {
        return new RowChange(Kind.INSERT, Place.NONE, columns, columns, values, overriding);
    }

    /** A row with new values in some columns; {@code values} has those of all {@code columns}. */
    static RowChange update(Place place, List<String> columns, List<String> changed, Value[] values) {
        return new RowChange(Kind.UPDATE, place, columns, changed, values, "");
    }

    static RowChange delete(Place place) {
        return new RowChange(Kind.DELETE, place, List.of(), List.of(), null, "");
    }

    /** What happens to the row. */
    public Kind kind() {
        return kind;
    }

    /** The shard it was fetched from; -1 for a new row. */
    public int shard() {
        return shard;
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
        return index < 0 || values == null
                ? null
                : ValueToObjectConverter.valueToDefaultObject(values[index], ResultCodec.connection(), false);
    }

    long key() {
        return key;
    }

    /** The columns that change: of a new row, all that are given. */
    List<String> changed() {
        return changed;
    }

    Value value(String column) {
        return Objects.requireNonNull(after, "a deleted row has no values")[columns.indexOf(column)];
    }

    String overriding() {
        return overriding;
    }

    /** The same row as a new one, for another shard. */
    RowChange moved() {
        return insert(columns, Objects.requireNonNull(after), " OVERRIDING SYSTEM VALUE");
    }
}
