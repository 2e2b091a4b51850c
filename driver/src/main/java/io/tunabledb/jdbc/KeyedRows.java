package io.tunabledb.jdbc;

import io.tunabledb.engine.Call;
import io.tunabledb.engine.Session;
import io.tunabledb.engine.api.CallOptions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a result set as rows of their table: written and read again by key, with statements that go the way of all
 * others. It remembers by which key a row that was changed is found.
 */
final class KeyedRows {

    private final CallStatement statement;
    private final ResultSet all;

    /** By row number, for changed rows: their key now. */
    private final Map<Integer, List<Binding>> changed = new HashMap<>();

    private @Nullable KeyedTable table;
    private boolean tableIsKnown;
    private @Nullable Call reread;

    KeyedRows(CallStatement statement, ResultSet all) {
        this.statement = statement;
        this.all = all;
    }

    /** The table, or null when rows can't be changed. */
    @Nullable
    KeyedTable table() throws SQLException {
        if (!tableIsKnown) {
            Session session = statement.enter();
            try {
                table = statement
                        .within(() -> Optional.ofNullable(
                                KeyedTable.of(session.metadata().getMetaData(), all.getMetaData())))
                        .orElse(null);
                tableIsKnown = true;
            } finally {
                statement.leave();
            }
        }
        return table;
    }

    /** The table, or 90127. */
    KeyedTable requireTable() throws SQLException {
        KeyedTable known = table();
        if (known == null) {
            throw Misuse.rowsNotUpdatable();
        }
        return known;
    }

    /** The key of the row under the cursor; 02000 when a part of it is null, as several rows may have that. */
    List<Binding> key() throws SQLException {
        List<Binding> known = changed.get(all.getRow());
        if (known != null) {
            return known;
        }
        List<Binding> key = new ArrayList<>();
        for (int column : requireTable().key()) {
            Binding value = Binding.object(all.getObject(column));
            if (value.value() == null) {
                throw Misuse.noData();
            }
            key.add(value);
        }
        return key;
    }

    /** The key of the row under the cursor if it was changed. */
    @Nullable
    List<Binding> changedKey() throws SQLException {
        return changed.isEmpty() ? null : changed.get(all.getRow());
    }

    /** From now on the row under the cursor is found by {@code key}. */
    void changed(List<Binding> key) throws SQLException {
        changed.put(all.getRow(), key);
    }

    /** Executes a statement that changes one row; 02000 when it found none. */
    void change(String sql, List<Binding> values) throws SQLException {
        Session session = statement.enter();
        try {
            long count = statement.within(() -> {
                try (Call call = session.prepare(sql, CallOptions.DEFAULT)) {
                    return call.execute(ParameterValues.of(values)).count();
                }
            });
            if (count != 1) {
                throw Misuse.noData();
            }
        } finally {
            statement.leave();
        }
    }

    /** The row of that key as it is now, and good until the next is read; 02000 when it is gone. */
    ResultSet read(List<Binding> key) throws SQLException {
        Session session = statement.enter();
        try {
            Call call = reread;
            if (call == null) {
                call = session.prepare(requireTable().select(), CallOptions.DEFAULT);
                reread = call;
            }
            Call prepared = call;
            ResultSet row = statement
                    .within(() -> prepared.execute(ParameterValues.of(key)))
                    .rows();
            if (row == null || !row.next()) {
                throw Misuse.noData();
            }
            return row;
        } finally {
            statement.leave();
        }
    }

    void close() {
        Call call = reread;
        reread = null;
        if (call != null) {
            call.close();
        }
    }
}
