package io.tunabledb.jdbc;

import io.tunabledb.engine.Parameters;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;

/**
 * The parameters of a prepared statement, remembered so that they can be bound as often as replicas are
 * tried. Nothing in here changes behind the user's back or runs dry: streams are read, dates and arrays are
 * copied before they come in.
 */
final class ParameterValues implements Parameters {

    /** Stands where a setter takes no value. */
    private static final Object NOTHING = new Object();

    private final Setter[] setters;
    private final Object[] values;

    /** {@code count} parameters, none set. */
    ParameterValues(int count) {
        this(new Setter[count], new Object[count]);
        clear();
    }

    private ParameterValues(Setter[] setters, Object[] values) {
        this.setters = setters;
        this.values = values;
    }

    /** Remembers {@code value}; {@code index} counts from 1. */
    void set(int index, Setter setter, Object value) throws SQLException {
        if (index < 1 || index > setters.length) {
            throw Misuse.invalid("parameterIndex", index);
        }
        setters[index - 1] = setter;
        values[index - 1] = value;
    }

    void setNull(int index) throws SQLException {
        set(index, Setter.NULL, NOTHING);
    }

    void clear() {
        Arrays.fill(setters, Setter.UNSET);
        Arrays.fill(values, NOTHING);
    }

    /** A copy that later sets do not touch, for a batch; 90012 when one is not set. */
    ParameterValues snapshot() throws SQLException {
        for (int i = 0; i < setters.length; i++) {
            if (setters[i] == Setter.UNSET) {
                throw Misuse.notSet(i + 1);
            }
        }
        return new ParameterValues(setters.clone(), values.clone());
    }

    @Override
    public void bind(PreparedStatement target) throws SQLException {
        for (int i = 0; i < setters.length; i++) {
            setters[i].replay(target, i + 1, values[i]);
        }
    }
}
