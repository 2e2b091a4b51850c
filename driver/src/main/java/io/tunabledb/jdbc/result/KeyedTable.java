package io.tunabledb.jdbc.result;

import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one table whose rows a result set shows, and what tells one row from the others: its primary key, or else
 * a unique index, of which all columns are in the result set. The rule is H2's.
 */
final class KeyedTable {

    private final String name;
    private final List<String> columns;
    private final List<String> labels;
    private final List<Integer> key;

    private KeyedTable(String name, List<String> columns, List<String> labels, List<Integer> key) {
        this.name = name;
        this.columns = columns;
        this.labels = labels;
        this.key = key;
    }

    /** Null when the rows are of no table, of several ones, or not told apart. */
    static @Nullable KeyedTable of(DatabaseMetaData catalog, ResultSetMetaData rows) throws SQLException {
        String schema = rows.getSchemaName(1);
        String table = rows.getTableName(1);
        List<String> columns = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int column = 1; column <= rows.getColumnCount(); column++) {
            if (table.isEmpty()
                    || !table.equals(rows.getTableName(column))
                    || !schema.equals(rows.getSchemaName(column))) {
                return null;
            }
            columns.add(rows.getColumnName(column));
            labels.add(rows.getColumnLabel(column));
        }
        if (!isBaseTable(catalog, schema, table)) {
            return null;
        }
        List<Integer> key = key(catalog, schema, table, columns);
        return key == null ? null : new KeyedTable(quote(schema) + "." + quote(table), columns, labels, key);
    }

    private static boolean isBaseTable(DatabaseMetaData catalog, String schema, String table) throws SQLException {
        String[] kinds = {"BASE TABLE"};
        try (ResultSet found = catalog.getTables(null, pattern(schema), pattern(table), kinds)) {
            return found.next();
        }
    }

    private static @Nullable List<Integer> key(
            DatabaseMetaData catalog, String schema, String table, List<String> columns) throws SQLException {
        List<String> candidate = new ArrayList<>();
        try (ResultSet primary = catalog.getPrimaryKeys(null, pattern(schema), table)) {
            while (primary.next()) {
                candidate.add(primary.getString("COLUMN_NAME"));
            }
        }
        List<Integer> key = positions(candidate, columns);
        if (key != null) {
            return key;
        }
        candidate.clear();
        try (ResultSet unique = catalog.getIndexInfo(null, pattern(schema), table, true, true)) {
            while (unique.next()) {
                if (unique.getShort("ORDINAL_POSITION") == 1) {
                    key = positions(candidate, columns);
                    if (key != null) {
                        return key;
                    }
                    candidate.clear();
                }
                candidate.add(unique.getString("COLUMN_NAME"));
            }
        }
        return positions(candidate, columns);
    }

    /** Where {@code names} are, from 1; null when one is missing or there is none. */
    private static @Nullable List<Integer> positions(List<String> names, List<String> columns) {
        return names.isEmpty() || !columns.containsAll(names)
                ? null
                : names.stream().map(name -> columns.indexOf(name) + 1).toList();
    }

    /** The columns of the result set that tell rows apart, from 1. */
    List<Integer> key() {
        return key;
    }

    /** Sets {@code changed} columns of one row: parameters are their values, then the key. */
    String update(Collection<Integer> changed) {
        return "UPDATE " + name + " SET " + list(changed, " = ?", ", ") + where();
    }

    /** Inserts one row: parameters are the values of {@code given} columns; the others get their defaults. */
    String insert(Collection<Integer> given) {
        return given.isEmpty()
                ? "INSERT INTO " + name + " DEFAULT VALUES"
                : "INSERT INTO " + name + " (" + list(given, "", ", ") + ") VALUES ("
                        + given.stream().map(column -> "?").collect(Collectors.joining(", ")) + ")";
    }

    /** Deletes one row: parameters are the key. */
    String delete() {
        return "DELETE FROM " + name + where();
    }

    /** Reads one row as this connection has written it, with the columns of the result set: parameters are the key. */
    String select() {
        List<String> aliased = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            aliased.add(quote(columns.get(i)) + " AS " + quote(labels.get(i)));
        }
        return "SELECT " + String.join(", ", aliased) + " FROM " + name + where() + " WITH CONSISTENCY READ_YOUR_WRITE";
    }

    private String where() {
        return " WHERE " + list(key, " = ?", " AND ");
    }

    private String list(Collection<Integer> positions, String suffix, String separator) {
        return positions.stream()
                .map(position -> quote(columns.get(position - 1)) + suffix)
                .collect(Collectors.joining(separator));
    }

    private static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String pattern(String name) {
        return name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }
}
