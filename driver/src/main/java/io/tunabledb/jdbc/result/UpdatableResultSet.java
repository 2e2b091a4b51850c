package io.tunabledb.jdbc.result;

import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.parameter.Binding;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one execution, which can be changed in place: each change is a statement by key that goes the way of
 * every other write. Only the columns that were updated are written, so that a row read at a weak level overwrites
 * nothing that it did not see. A changed row is read again whenever the cursor is on it; what others changed, and
 * rows inserted or deleted here, do not show.
 */
public final class UpdatableResultSet extends ReadResultSet {

    private final ResultOwner statement;
    private final ResultSet all;

    private final KeyedRows keyed;
    private SortedMap<Integer, Binding> update = new TreeMap<>();
    private @Nullable SortedMap<Integer, Binding> insert;

    public UpdatableResultSet(ResultOwner statement, ResultSet rows) {
        super(rows, statement.translator());
        this.statement = statement;
        all = rows;
        keyed = new KeyedRows(statement, rows);
    }

    @Override
    public Statement getStatement() throws SQLException {
        rows();
        return statement;
    }

    @Override
    public void close() throws SQLException {
        if (release()) {
            statement.completed();
        }
    }

    @Override
    public boolean release() throws SQLException {
        keyed.close();
        all.close();
        return super.release();
    }

    // ---- changing

    @Override
    void update(int column, Binding value) throws SQLException {
        checked(column);
        SortedMap<Integer, Binding> inserted = insert;
        (inserted == null ? update : inserted).put(column, value);
    }

    @Override
    Binding convertible(Binding value) throws SQLException {
        return statement.convertible(value);
    }

    @Override
    public void moveToInsertRow() throws SQLException {
        rows();
        insert = new TreeMap<>();
    }

    @Override
    public void moveToCurrentRow() throws SQLException {
        rows();
        insert = null;
    }

    @Override
    public void insertRow() throws SQLException {
        rows();
        SortedMap<Integer, Binding> row = insert;
        if (row == null) {
            throw Misuse.notOnUpdatableRow();
        }
        keyed.change(keyed.requireTable().insert(row.keySet()), List.copyOf(row.values()));
        insert = null;
    }

    @Override
    public void updateRow() throws SQLException {
        requireRow();
        if (update.isEmpty()) {
            return;
        }
        KeyedTable here = keyed.requireTable();
        List<Binding> key = keyed.key();
        List<Binding> values = new ArrayList<>(update.values());
        values.addAll(key);
        keyed.change(here.update(update.keySet()), values);
        List<Binding> newKey = new ArrayList<>(key);
        for (int i = 0; i < newKey.size(); i++) {
            newKey.set(i, update.getOrDefault(here.key().get(i), key.get(i)));
        }
        update = new TreeMap<>();
        keyed.changed(newKey);
        continueWith(keyed.read(newKey));
    }

    @Override
    public void deleteRow() throws SQLException {
        requireRow();
        keyed.change(keyed.requireTable().delete(), keyed.key());
        update = new TreeMap<>();
    }

    @Override
    public void refreshRow() throws SQLException {
        rows();
        requireNoInsert();
        requireOnRow();
        List<Binding> key = keyed.key();
        continueWith(keyed.read(key));
        keyed.changed(key);
        update = new TreeMap<>();
    }

    @Override
    public void cancelRowUpdates() throws SQLException {
        rows();
        requireNoInsert();
        update = new TreeMap<>();
    }

    private void requireRow() throws SQLException {
        rows();
        if (insert != null) {
            throw Misuse.notOnUpdatableRow();
        }
        requireOnRow();
    }

    private void requireNoInsert() throws SQLException {
        if (insert != null) {
            throw Misuse.noData();
        }
    }

    private void requireOnRow() throws SQLException {
        if (all.getRow() == 0) {
            throw Misuse.noData();
        }
    }

    // ---- moving

    /** The rows of the query, to be moved in. */
    private ResultSet leaveRow() throws SQLException {
        ResultSet open = all();
        continueWith(open);
        return open;
    }

    private ResultSet all() throws SQLException {
        rows();
        return all;
    }

    private boolean arrived(boolean onRow) throws SQLException {
        List<Binding> key = onRow ? keyed.changedKey() : null;
        if (key != null) {
            try {
                continueWith(keyed.read(key));
            } catch (SQLException e) {
                if (!Misuse.NO_DATA.equals(e.getSQLState())) {
                    throw e;
                }
                // deleted meanwhile: as it was read at first
                continueWith(all);
            }
        }
        return onRow;
    }

    @Override
    public boolean next() throws SQLException {
        return arrived(leaveRow().next());
    }

    @Override
    public boolean previous() throws SQLException {
        return arrived(leaveRow().previous());
    }

    @Override
    public boolean first() throws SQLException {
        return arrived(leaveRow().first());
    }

    @Override
    public boolean last() throws SQLException {
        return arrived(leaveRow().last());
    }

    @Override
    public boolean absolute(int row) throws SQLException {
        return arrived(leaveRow().absolute(row));
    }

    @Override
    public boolean relative(int offset) throws SQLException {
        return arrived(leaveRow().relative(offset));
    }

    @Override
    public void beforeFirst() throws SQLException {
        leaveRow().beforeFirst();
    }

    @Override
    public void afterLast() throws SQLException {
        leaveRow().afterLast();
    }

    // ---- what is asked of all rows, not of the one that was read again

    @Override
    public boolean isBeforeFirst() throws SQLException {
        return all().isBeforeFirst();
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        return all().isAfterLast();
    }

    @Override
    public boolean isFirst() throws SQLException {
        return all().isFirst();
    }

    @Override
    public boolean isLast() throws SQLException {
        return all().isLast();
    }

    @Override
    public int getRow() throws SQLException {
        return all().getRow();
    }

    @Override
    public int getType() throws SQLException {
        return all().getType();
    }

    @Override
    public int getConcurrency() throws SQLException {
        rows();
        return keyed.table() == null ? CONCUR_READ_ONLY : CONCUR_UPDATABLE;
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        return later(ResultSetMetaData.class, all().getMetaData());
    }

    @Override
    public int findColumn(String columnLabel) throws SQLException {
        return all().findColumn(columnLabel);
    }

    @Override
    public SQLWarning getWarnings() throws SQLException {
        return all().getWarnings();
    }

    @Override
    public int getFetchSize() throws SQLException {
        return all().getFetchSize();
    }

    @Override
    public void setFetchSize(int size) throws SQLException {
        all().setFetchSize(size);
    }
}
