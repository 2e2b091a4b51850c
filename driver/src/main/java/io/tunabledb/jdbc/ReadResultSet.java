package io.tunabledb.jdbc;

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
        return rows().absolute(row);
    }

    @Override
    public void afterLast() throws SQLException {
        rows().afterLast();
    }

    @Override
    public void beforeFirst() throws SQLException {
        rows().beforeFirst();
    }

    @Override
    public boolean first() throws SQLException {
        return rows().first();
    }

    @Override
    public int getRow() throws SQLException {
        return rows().getRow();
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        return rows().isAfterLast();
    }

    @Override
    public boolean isBeforeFirst() throws SQLException {
        return rows().isBeforeFirst();
    }

    @Override
    public boolean isFirst() throws SQLException {
        return rows().isFirst();
    }

    @Override
    public boolean isLast() throws SQLException {
        return rows().isLast();
    }

    @Override
    public boolean last() throws SQLException {
        return rows().last();
    }

    @Override
    public boolean next() throws SQLException {
        return rows().next();
    }

    @Override
    public boolean previous() throws SQLException {
        return rows().previous();
    }

    @Override
    public boolean relative(int offset) throws SQLException {
        return rows().relative(offset);
    }

    // ---- what is known of the rows

    @Override
    public void clearWarnings() throws SQLException {
        rows().clearWarnings();
    }

    @Override
    public int findColumn(String columnLabel) throws SQLException {
        return rows().findColumn(columnLabel);
    }

    @Override
    public int getConcurrency() throws SQLException {
        return rows().getConcurrency();
    }

    @Override
    public int getFetchDirection() throws SQLException {
        return rows().getFetchDirection();
    }

    @Override
    public int getFetchSize() throws SQLException {
        return rows().getFetchSize();
    }

    @Override
    public int getHoldability() throws SQLException {
        return rows().getHoldability();
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        return rows().getMetaData();
    }

    @Override
    public int getType() throws SQLException {
        return rows().getType();
    }

    @Override
    public SQLWarning getWarnings() throws SQLException {
        return rows().getWarnings();
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        rows().setFetchDirection(direction);
    }

    @Override
    public void setFetchSize(int size) throws SQLException {
        rows().setFetchSize(size);
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
