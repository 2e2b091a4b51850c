package io.tunabledb.engine.h2;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.util.HasSQL;
import org.h2.util.ParserUtil;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueBigint;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one table's rows for one shard, to be carried out there as ordinary statements: with constraints, foreign
 * keys, defaults and identities, in the shard's own transaction.
 */
public final class ShardChanges {

    /** A change, and its place among all of its statement. */
    private record Numbered(int number, RowChange row) {}

    private final String table;
    private final TableName name;
    private final List<Numbered> rows;

    ShardChanges(TableName name, List<Numbered> rows) {
        this.name = name;
        this.rows = rows;
        table = quoted(name.schema()) + "." + quoted(name.name());
    }

    void add(int number, RowChange row) {
        rows.add(new Numbered(number, row));
    }

    /** How many rows. */
    public int size() {
        return rows.size();
    }

    /**
     * Carries them out: deletes first, then updates, then inserts.
     *
     * @param connection a writer's on the shard's leader, in the transaction that has read the rows
     * @param keys takes what the shard generates
     * @throws SQLException H2's; 40001 when a row is not there any more
     */
    public void apply(Connection connection, GatheredKeys keys) throws SQLException {
        List<Numbered> deletes = of(RowChange.Kind.DELETE);
        if (!deletes.isEmpty()) {
            delete(connection, deletes);
        }
        Map<List<String>, List<Numbered>> updates = new LinkedHashMap<>();
        of(RowChange.Kind.UPDATE)
                .forEach(each -> updates.computeIfAbsent(each.row().changed(), any -> new ArrayList<>())
                        .add(each));
        for (Map.Entry<List<String>, List<Numbered>> alike : updates.entrySet()) {
            update(connection, alike.getKey(), alike.getValue());
        }
        insert(connection, of(RowChange.Kind.INSERT), keys);
    }

    private List<Numbered> of(RowChange.Kind kind) {
        return rows.stream().filter(each -> each.row().kind() == kind).toList();
    }

    private void delete(Connection connection, List<Numbered> deletes) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM " + table + " WHERE _ROWID_ = ANY(?)")) {
            statement.setObject(1, keys(connection, deletes));
            requireAll(statement.executeLargeUpdate(), deletes.size());
        }
    }

    private static Value keys(Connection connection, List<Numbered> rows) throws SQLException {
        Value[] keys =
                rows.stream().map(each -> ValueBigint.get(each.row().key())).toArray(Value[]::new);
        return ValueArray.get(keys, session(connection));
    }

    private static SessionLocal session(Connection connection) throws SQLException {
        return H2Instance.session(connection.unwrap(JdbcConnection.class));
    }

    private void requireAll(long found, int wanted) throws SQLException {
        if (found != wanted) {
            throw Errors.of(
                    SqlState.RETRY_TRANSACTION,
                    "rolled back: " + (wanted - found) + " of " + wanted + " rows of " + name
                            + " that the statement had read are gone");
        }
    }

    /** In one statement, since unique values may change places among the rows. */
    private void update(Connection connection, List<String> changed, List<Numbered> updates) throws SQLException {
        String columns = changed.stream().map(ShardChanges::quoted).collect(Collectors.joining(", "));
        if (updates.size() == 1) {
            String values = changed.stream().map(any -> "?").collect(Collectors.joining(", "));
            String sets = changed.stream().map(each -> quoted(each) + " = ?").collect(Collectors.joining(", "));
            try (PreparedStatement statement =
                    connection.prepareStatement("UPDATE " + table + " SET " + sets + " WHERE _ROWID_ = ?")) {
                RowChange row = updates.get(0).row();
                for (int i = 0; i < changed.size(); i++) {
                    statement.setObject(i + 1, row.value(changed.get(i)));
                }
                statement.setLong(changed.size() + 1, row.key());
                requireAll(statement.executeLargeUpdate(), 1);
            }
            return;
        }
        MVTable found = Tables.lookUp(session(connection).getDatabase(), name);
        if (found == null) {
            throw new IllegalStateException("no table " + name + " in a shard");
        }
        String given = changed.stream()
                .map(each -> quoted(each) + " "
                        + found.getColumn(each).getType().getSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS)
                        + " = ?")
                .collect(Collectors.joining(", ", "TABLE(\"#\" BIGINT = ?, ", ")"));
        String sql = "UPDATE " + table + " \"#T\" SET (" + columns + ") = (SELECT " + columns + " FROM " + given
                + " \"#N\" WHERE \"#N\".\"#\" = \"#T\"._ROWID_) WHERE _ROWID_ = ANY(?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, keys(connection, updates));
            for (int i = 0; i < changed.size(); i++) {
                String column = changed.get(i);
                Value[] values =
                        updates.stream().map(each -> each.row().value(column)).toArray(Value[]::new);
                statement.setObject(
                        i + 2, ValueArray.get(found.getColumn(column).getType(), values, session(connection)));
            }
            statement.setObject(changed.size() + 2, keys(connection, updates));
            requireAll(statement.executeLargeUpdate(), updates.size());
        }
    }

    private void insert(Connection connection, List<Numbered> inserts, GatheredKeys keys) throws SQLException {
        List<String> prepared = null;
        String overriding = "";
        @Nullable PreparedStatement statement = null;
        try {
            for (Numbered each : inserts) {
                RowChange row = each.row();
                if (statement == null
                        || !row.changed().equals(prepared)
                        || !row.overriding().equals(overriding)) {
                    close(statement);
                    prepared = row.changed();
                    overriding = row.overriding();
                    statement = keys.prepare(connection, insert(row));
                }
                for (int i = 0; i < row.changed().size(); i++) {
                    statement.setObject(i + 1, row.value(row.changed().get(i)));
                }
                statement.executeUpdate();
                if (keys.areWanted()) {
                    try (ResultSet generated = statement.getGeneratedKeys()) {
                        keys.add(each.number(), generated);
                    }
                }
            }
        } finally {
            close(statement);
        }
    }

    private static void close(@Nullable PreparedStatement statement) throws SQLException {
        if (statement != null) {
            statement.close();
        }
    }

    private String insert(RowChange row) {
        return row.changed().isEmpty()
                ? "INSERT INTO " + table + " DEFAULT VALUES"
                : "INSERT INTO " + table
                        + row.changed().stream().map(ShardChanges::quoted).collect(Collectors.joining(", ", "(", ")"))
                        + row.overriding()
                        + Stream.generate(() -> "?")
                                .limit(row.changed().size())
                                .collect(Collectors.joining(", ", " VALUES(", ")"));
    }

    private static String quoted(String name) {
        return ParserUtil.quoteIdentifier(new StringBuilder(), name, HasSQL.DEFAULT_SQL_FLAGS)
                .toString();
    }
}
