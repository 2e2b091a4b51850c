package io.tunabledb.jdbc.result;

import io.tunabledb.engine.client.Translator;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.contract.Wrapped;
import io.tunabledb.jdbc.parameter.Binding;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** A result set that moves over rows that H2 made, and refuses to change any. */
public abstract class ReadResultSet extends ValuesByLabel {

    protected ReadResultSet(ResultSet rows, Translator translator) {
        super(rows, translator);
    }

    // ---- the cursor

    @Override
    public boolean absolute(int row) throws SQLException {
        return asked(rows -> rows.absolute(row));
    }

    @Override
    public void afterLast() throws SQLException {
        asked(rows -> {
            rows.afterLast();
            return true;
        });
    }

    @Override
    public void beforeFirst() throws SQLException {
        asked(rows -> {
            rows.beforeFirst();
            return true;
        });
    }

    @Override
    public boolean first() throws SQLException {
        return asked(ResultSet::first);
    }

    @Override
    public int getRow() throws SQLException {
        return asked(ResultSet::getRow);
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        return asked(ResultSet::isAfterLast);
    }

    @Override
    public boolean isBeforeFirst() throws SQLException {
        return asked(ResultSet::isBeforeFirst);
    }

    @Override
    public boolean isFirst() throws SQLException {
        return asked(ResultSet::isFirst);
    }

    @Override
    public boolean isLast() throws SQLException {
        return asked(ResultSet::isLast);
    }

    @Override
    public boolean last() throws SQLException {
        return asked(ResultSet::last);
    }

    @Override
    public boolean next() throws SQLException {
        return asked(ResultSet::next);
    }

    @Override
    public boolean previous() throws SQLException {
        return asked(ResultSet::previous);
    }

    @Override
    public boolean relative(int offset) throws SQLException {
        return asked(rows -> rows.relative(offset));
    }

    // ---- what is known of the rows

    @Override
    public void clearWarnings() throws SQLException {
        asked(rows -> {
            rows.clearWarnings();
            return true;
        });
    }

    @Override
    public int findColumn(String columnLabel) throws SQLException {
        return asked(rows -> rows.findColumn(columnLabel));
    }

    @Override
    public int getConcurrency() throws SQLException {
        return asked(ResultSet::getConcurrency);
    }

    @Override
    public int getFetchDirection() throws SQLException {
        return asked(ResultSet::getFetchDirection);
    }

    @Override
    public int getFetchSize() throws SQLException {
        return asked(ResultSet::getFetchSize);
    }

    @Override
    public int getHoldability() throws SQLException {
        return asked(ResultSet::getHoldability);
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        return asked(rows -> later(ResultSetMetaData.class, rows.getMetaData()));
    }

    @Override
    public int getType() throws SQLException {
        return asked(ResultSet::getType);
    }

    @Override
    public SQLWarning getWarnings() throws SQLException {
        return asked(ResultSet::getWarnings);
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        asked(rows -> {
            rows.setFetchDirection(direction);
            return true;
        });
    }

    @Override
    public void setFetchSize(int size) throws SQLException {
        asked(rows -> {
            rows.setFetchSize(size);
            return true;
        });
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
