package io.tunabledb.jdbc;

import io.tunabledb.engine.Failures;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** A result set that moves over rows that H2 made, and refuses to change any. */
abstract class ReadResultSet extends ValueResultSet {

    ReadResultSet(ResultSet rows) {
        super(rows);
    }

    // ---- the cursor

    @Override
    public boolean absolute(int row) throws SQLException {
        try {
            return rows().absolute(row);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public void afterLast() throws SQLException {
        try {
            rows().afterLast();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public void beforeFirst() throws SQLException {
        try {
            rows().beforeFirst();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean first() throws SQLException {
        try {
            return rows().first();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getRow() throws SQLException {
        try {
            return rows().getRow();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        try {
            return rows().isAfterLast();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean isBeforeFirst() throws SQLException {
        try {
            return rows().isBeforeFirst();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean isFirst() throws SQLException {
        try {
            return rows().isFirst();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean isLast() throws SQLException {
        try {
            return rows().isLast();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean last() throws SQLException {
        try {
            return rows().last();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean next() throws SQLException {
        try {
            return rows().next();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean previous() throws SQLException {
        try {
            return rows().previous();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public boolean relative(int offset) throws SQLException {
        try {
            return rows().relative(offset);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    // ---- what is known of the rows

    @Override
    public void clearWarnings() throws SQLException {
        try {
            rows().clearWarnings();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int findColumn(String columnLabel) throws SQLException {
        try {
            return rows().findColumn(columnLabel);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getConcurrency() throws SQLException {
        try {
            return rows().getConcurrency();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getFetchDirection() throws SQLException {
        try {
            return rows().getFetchDirection();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getFetchSize() throws SQLException {
        try {
            return rows().getFetchSize();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getHoldability() throws SQLException {
        try {
            return rows().getHoldability();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        try {
            return Told.by(ResultSetMetaData.class, rows().getMetaData());
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public int getType() throws SQLException {
        try {
            return rows().getType();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public SQLWarning getWarnings() throws SQLException {
        try {
            return rows().getWarnings();
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        try {
            rows().setFetchDirection(direction);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    @Override
    public void setFetchSize(int size) throws SQLException {
        try {
            rows().setFetchSize(size);
        } catch (SQLException e) {
            throw Failures.toldOfRows(e);
        }
    }

    // ---- changes, which are refused

    @Override
    public final boolean rowUpdated() {
        return false;
    }

    @Override
    public final boolean rowInserted() {
        return false;
    }

    @Override
    public final boolean rowDeleted() {
        return false;
    }

    @Override
    final int checked(int column) throws SQLException {
        int last = rows().getMetaData().getColumnCount();
        if (column < 1 || column > last) {
            throw Misuse.invalid("columnIndex", column);
        }
        return column;
    }

    @Override
    Binding convertible(Binding value) throws SQLException {
        return value;
    }

    private SQLException readOnly() throws SQLException {
        rows();
        return Misuse.rowsReadOnly();
    }

    @Override
    void update(int column, Binding value) throws SQLException {
        checked(column);
        throw readOnly();
    }

    @Override
    public void moveToInsertRow() throws SQLException {
        throw readOnly();
    }

    @Override
    public void moveToCurrentRow() throws SQLException {
        throw readOnly();
    }

    @Override
    public void insertRow() throws SQLException {
        throw readOnly();
    }

    @Override
    public void updateRow() throws SQLException {
        throw readOnly();
    }

    @Override
    public void deleteRow() throws SQLException {
        throw readOnly();
    }

    @Override
    public void refreshRow() throws SQLException {
        throw readOnly();
    }

    @Override
    public void cancelRowUpdates() throws SQLException {
        rows();
    }

    // ---- the end

    @Override
    public final <T> T unwrap(Class<T> type) throws SQLException {
        return Wrapped.unwrap(this, type);
    }

    @Override
    public final boolean isWrapperFor(@Nullable Class<?> type) {
        return Wrapped.is(this, type);
    }

    @Override
    public void close() throws SQLException {
        release();
    }
}
