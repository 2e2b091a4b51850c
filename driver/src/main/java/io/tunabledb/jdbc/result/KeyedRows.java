package io.tunabledb.jdbc.result;

import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.client.Session;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.parameter.Binding;
import io.tunabledb.jdbc.parameter.ParameterValues;
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

    private final ResultOwner statement;
    private final ResultSet all;

    /** By row number, for changed rows: their key now. */
    private final Map<Integer, List<Binding>> changed = new HashMap<>();

    private @Nullable KeyedTable table;
    private boolean tableIsKnown;
    private @Nullable PreparedText reread;

    KeyedRows(ResultOwner statement, ResultSet all) {
        this.statement = statement;
        this.all = all;
    }

    /** The table, or null when rows can't be changed. */
    @Nullable
    KeyedTable table() throws SQLException {
        if (!tableIsKnown) {
            table = statement
                    .asked(session -> Optional.ofNullable(KeyedTable.of(session.metadata(), all.getMetaData())))
                    .orElse(null);
            tableIsKnown = true;
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
        long count = statement.asked(session -> {
            try (PreparedText text = session.prepare(sql, StatementOptions.DEFAULT)) {
                return text.execute(ParameterValues.of(values)).count();
            }
        });
        if (count != 1) {
            throw Misuse.noData();
        }
    }

    /** The row of that key as it is now, and good until the next is read; 02000 when it is gone. */
    ResultSet read(List<Binding> key) throws SQLException {
        KeyedTable known = requireTable();
        ResultSet row = statement
                .asked(session -> prepared(session, known).execute(ParameterValues.of(key)))
                .rows();
        if (row == null || !row.next()) {
            throw Misuse.noData();
        }
        return row;
    }

    private PreparedText prepared(Session session, KeyedTable known) throws SQLException {
        PreparedText text = reread;
        if (text == null) {
            text = session.prepare(known.select(), StatementOptions.DEFAULT);
            reread = text;
        }
        return text;
    }

    void close() {
        PreparedText text = reread;
        reread = null;
        if (text != null) {
            text.close();
        }
    }
}
