package io.tunabledb.jdbc;

import io.tunabledb.engine.Call;
import io.tunabledb.engine.CallOptions;
import io.tunabledb.engine.Session;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one execution, which can be changed in place: each change is a statement by key that goes the way of
 * every other write. Only the columns that were updated are written, so that a row read at a weak level overwrites
 * nothing that it did not see. A changed row is read again whenever the cursor is on it; what others changed, and
 * rows inserted or deleted here, do not show.
 */
final class UpdatableResultSet extends ReadResultSet {

    private final CallStatement statement;
    private final ResultSet all;

    /** By row number, for changed rows: their key now. */
    private final Map<Integer, List<Binding>> changed = new HashMap<>();

    private SortedMap<Integer, Binding> update = new TreeMap<>();
    private @Nullable SortedMap<Integer, Binding> insert;
    private @Nullable KeyedTable table;
    private boolean tableIsKnown;
    private @Nullable Call reread;

    UpdatableResultSet(CallStatement statement, ResultSet rows) {
        super(rows);
        this.statement = statement;
        all = rows;
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
    boolean release() throws SQLException {
        Call call = reread;
        reread = null;
        if (call != null) {
            call.close();
        }
        all.close();
        return super.release();
    }

    // ---- changing

    /** The table, or null when rows can't be changed. */
    private @Nullable KeyedTable table() throws SQLException {
        rows();
        if (!tableIsKnown) {
            Session session = statement.enter();
            try {
                table = KeyedTable.of(session.metadata().getMetaData(), all.getMetaData());
                tableIsKnown = true;
            } finally {
                statement.leave();
            }
        }
        return table;
    }

    private KeyedTable requireTable() throws SQLException {
        KeyedTable known = table();
        if (known == null) {
            throw Misuse.rowsNotUpdatable();
        }
        return known;
    }

    @Override
    void update(int column, Binding value) throws SQLException {
        checked(column);
        SortedMap<Integer, Binding> inserted = insert;
        (inserted == null ? update : inserted).put(column, value);
    }

    @Override
    Binding convertible(Binding value) throws SQLException {
        return statement.connection().convertible(value);
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
        change(requireTable().insert(row.keySet()), List.copyOf(row.values()));
        insert = null;
    }

    @Override
    public void updateRow() throws SQLException {
        requireRow();
        if (update.isEmpty()) {
            return;
        }
        KeyedTable here = requireTable();
        List<Binding> key = key(here);
        List<Binding> values = new ArrayList<>(update.values());
        values.addAll(key);
        change(here.update(update.keySet()), values);
        List<Binding> newKey = new ArrayList<>(key);
        for (int i = 0; i < newKey.size(); i++) {
            newKey.set(i, update.getOrDefault(here.key().get(i), key.get(i)));
        }
        update = new TreeMap<>();
        changed.put(all.getRow(), newKey);
        read(here, newKey);
    }

    @Override
    public void deleteRow() throws SQLException {
        requireRow();
        KeyedTable here = requireTable();
        change(here.delete(), key(here));
        update = new TreeMap<>();
    }

    @Override
    public void refreshRow() throws SQLException {
        rows();
        requireNoInsert();
        requireOnRow();
        KeyedTable here = requireTable();
        List<Binding> key = key(here);
        read(here, key);
        changed.put(all.getRow(), key);
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

    /** The key of the row under the cursor. */
    private List<Binding> key(KeyedTable here) throws SQLException {
        List<Binding> known = changed.get(all.getRow());
        if (known != null) {
            return known;
        }
        List<Binding> key = new ArrayList<>();
        for (int column : here.key()) {
            Binding value = Binding.object(all.getObject(column));
            if (value.value() == null) {
                // several rows may have null there
                throw Misuse.noData();
            }
            key.add(value);
        }
        return key;
    }

    private void change(String sql, List<Binding> values) throws SQLException {
        Session session = statement.enter();
        try (Call call = session.prepare(sql, CallOptions.DEFAULT)) {
            if (call.execute(ParameterValues.of(values)).count() != 1) {
                throw Misuse.noData();
            }
        } finally {
            statement.leave();
        }
    }

    /** Shows the row of that key as it is now. */
    private void read(KeyedTable here, List<Binding> key) throws SQLException {
        Session session = statement.enter();
        try {
            Call call = reread;
            if (call == null) {
                call = session.prepare(here.select(), CallOptions.DEFAULT);
                reread = call;
            }
            ResultSet row = call.execute(ParameterValues.of(key)).rows();
            if (row == null || !row.next()) {
                throw Misuse.noData();
            }
            continueWith(row);
        } finally {
            statement.leave();
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
        List<Binding> key = onRow ? changed.get(all.getRow()) : null;
        if (key != null) {
            try {
                read(requireTable(), key);
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
        return table() == null ? CONCUR_READ_ONLY : CONCUR_UPDATABLE;
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        return all().getMetaData();
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
