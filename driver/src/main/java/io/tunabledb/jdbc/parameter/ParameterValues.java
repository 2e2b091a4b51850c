package io.tunabledb.jdbc.parameter;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.jdbc.contract.Misuse;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a prepared statement, remembered so that they can be bound as often as replicas are
 * tried. Nothing in here changes behind the user's back or runs dry: streams are read, dates and arrays are
 * copied before they come in.
 */
public final class ParameterValues implements Parameters {

    /** Stands where a setter takes no value. */
    private static final Object NOTHING = new Object();

    private final Setter[] setters;
    private final Object[] values;

    /** {@code count} parameters, none set. */
    public ParameterValues(int count) {
        this(new Setter[count], new Object[count]);
        clear();
    }

    private ParameterValues(Setter[] setters, Object[] values) {
        this.setters = setters;
        this.values = values;
    }

    /** All of them, set. */
    public static ParameterValues of(List<Binding> bindings) throws SQLException {
        ParameterValues values = new ParameterValues(bindings.size());
        for (int i = 0; i < bindings.size(); i++) {
            values.set(i + 1, bindings.get(i));
        }
        return values;
    }

    /** Remembers a value; {@code index} counts from 1. */
    public void set(int index, Binding binding) throws SQLException {
        Object value = binding.value();
        set(index, binding.setter(), value == null ? NOTHING : value);
    }

    /** Remembers {@code value}; {@code index} counts from 1. */
    public void set(int index, Setter setter, Object value) throws SQLException {
        requireIndex(index);
        setters[index - 1] = setter;
        values[index - 1] = value;
    }

    public void requireIndex(int index) throws SQLException {
        if (index < 1 || index > setters.length) {
            throw Misuse.invalid("parameterIndex", index);
        }
    }

    public void setNull(int index) throws SQLException {
        set(index, Setter.NULL, NOTHING);
    }

    public boolean isSet(int index) {
        return setters[index - 1] != Setter.UNSET;
    }

    public void clear() {
        Arrays.fill(setters, Setter.UNSET);
        Arrays.fill(values, NOTHING);
    }

    /** A copy that later sets do not touch, for a batch; 90012 when one is not set. */
    public ParameterValues snapshot() throws SQLException {
        requireAll();
        return new ParameterValues(setters.clone(), values.clone());
    }

    @Override
    public void requireAll() throws SQLException {
        for (int i = 0; i < setters.length; i++) {
            if (setters[i] == Setter.UNSET) {
                throw Misuse.notSet(i + 1);
            }
        }
    }

    @Override
    public ParameterValues part(int skipped, int count) {
        return new ParameterValues(
                Arrays.copyOfRange(setters, skipped, skipped + count),
                Arrays.copyOfRange(values, skipped, skipped + count));
    }

    @Override
    public @Nullable Object value(int index) {
        Object value = values[index - 1];
        return value == NOTHING ? null : value;
    }

    @Override
    public ParameterValues select(List<Integer> indexes) {
        ParameterValues selected = new ParameterValues(indexes.size());
        for (int i = 0; i < indexes.size(); i++) {
            selected.setters[i] = setters[indexes.get(i) - 1];
            selected.values[i] = values[indexes.get(i) - 1];
        }
        return selected;
    }

    @Override
    public void bind(PreparedStatement target) throws SQLException {
        for (int i = 0; i < setters.length; i++) {
            setters[i].replay(target, i + 1, values[i]);
        }
    }
}
