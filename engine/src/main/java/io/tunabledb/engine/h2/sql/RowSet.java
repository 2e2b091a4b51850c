package io.tunabledb.engine.h2.sql;

import java.sql.ResultSet;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.h2.tools.SimpleResultSet;
import org.jspecify.annotations.Nullable;

/** Rows of our own making, as a JDBC result set. */
public final class RowSet {
    private final String[] columns;
    private final List<@Nullable Object[]> rows = new ArrayList<>();

    public RowSet(String... columns) {
        this.columns = columns.clone();
    }

    /** Adds a row; one value per column. */
    public RowSet row(@Nullable Object... values) {
        rows.add(values.clone());
        return this;
    }

    /** The rows so far. A column's type is that of its first value that is not null, VARCHAR without any. */
    public ResultSet resultSet() {
        SimpleResultSet set = new SimpleResultSet();
        set.setAutoClose(false);
        for (int column = 0; column < columns.length; column++) {
            set.addColumn(columns[column], type(column), 0, 0);
        }
        rows.forEach(set::addRow);
        return set;
    }

    private int type(int column) {
        for (@Nullable Object[] row : rows) {
            Object value = row[column];
            if (value != null) {
                return value instanceof Boolean
                        ? Types.BOOLEAN
                        : value instanceof Integer
                                ? Types.INTEGER
                                : value instanceof Long
                                        ? Types.BIGINT
                                        : value instanceof Double ? Types.DOUBLE : Types.VARCHAR;
            }
        }
        return Types.VARCHAR;
    }
}
