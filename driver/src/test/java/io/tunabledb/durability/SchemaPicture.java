package io.tunabledb.durability;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that INFORMATION_SCHEMA says of the users' objects, all rows of tables, and what a view gives or says: a database
 * that was closed and opened again has the same.
 */
final class SchemaPicture {
    /**
     * By table: the columns that tell nothing of the schema, but of when or where it was made, and where sequences stand:
     * what a statement took that failed may be given once more.
     */
    private static final Map<String, List<String>> LEFT_OUT = Map.of(
            "TABLES", List.of("LAST_MODIFICATION", "ROW_COUNT_ESTIMATE", "TABLE_CLASS"),
            "SEQUENCES", List.of("SEQUENCE_NAME", "BASE_VALUE"),
            "COLUMNS", List.of("IDENTITY_BASE", "SELECTIVITY"));

    /** KEY_COLUMN_USAGE has a column's old name after some renames, until H2 opens the database again. */
    static final List<String> TABLES = List.of(
            "CHECK_CONSTRAINTS",
            "COLUMNS",
            "CONSTANTS",
            "CONSTRAINT_COLUMN_USAGE",
            "DOMAINS",
            "DOMAIN_CONSTRAINTS",
            "ELEMENT_TYPES",
            "ENUM_VALUES",
            "FIELDS",
            "INDEXES",
            "INDEX_COLUMNS",
            "REFERENTIAL_CONSTRAINTS",
            "SCHEMATA",
            "SEQUENCES",
            "SYNONYMS",
            "TABLES",
            "TABLE_CONSTRAINTS",
            "VIEWS");

    private SchemaPicture() {}

    /** By table of INFORMATION_SCHEMA, and by the users' tables and views. */
    static Map<String, List<String>> of(Connection connection) throws SQLException {
        KnownObjects known = KnownObjects.of(connection);
        Map<String, List<String>> picture = new TreeMap<>();
        Set<String> broken = new HashSet<>();
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(60);
            for (KnownObjects.Table table : known.tables) {
                picture.put(table.name(), rows(statement, table.name(), List.of(), broken));
            }
            for (KnownObjects.Table view : known.views) {
                try {
                    picture.put(
                            view.name(),
                            List.of(rows(statement, view.name(), List.of(), broken)
                                            .size() + " rows"));
                } catch (SQLException e) {
                    picture.put(view.name(), List.of("error"));
                    broken.add(view.name());
                }
            }
            for (String table : TABLES) {
                List<String> without = LEFT_OUT.getOrDefault(table, List.of());
                picture.put(table, rows(statement, "INFORMATION_SCHEMA." + table, without, broken));
            }
        }
        return picture;
    }

    private static List<String> rows(Statement statement, String table, List<String> without, Set<String> broken)
            throws SQLException {
        List<String> lines = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringBuilder line = new StringBuilder();
                Map<String, String> named = new HashMap<>();
                for (int i = 1; i <= columns; i++) {
                    String name = rows.getMetaData().getColumnLabel(i);
                    String value = without.contains(name) ? "" : text(rows, i);
                    named.put(name, value);
                    // identities' sequences and derived tables without a name get one from H2
                    line.append(value.replaceAll("SYSTEM_SEQUENCE_[0-9A-F_]+", "SYSTEM_SEQUENCE")
                                    .replaceAll("\"_[0-9]+\"", "\"_\""))
                            .append(" | ");
                }
                String of = KnownObjects.quoted(named.getOrDefault("TABLE_SCHEMA", "")) + "."
                        + KnownObjects.quoted(named.getOrDefault("TABLE_NAME", ""));
                // of a view that can't be read H2 keeps the columns until it is opened again
                if (!broken.contains(of)) {
                    lines.add(line.toString());
                }
            }
        }
        lines.sort(null);
        return lines;
    }

    private static String text(ResultSet rows, int column) throws SQLException {
        byte[] bytes = rows.getMetaData().getColumnType(column) == Types.JAVA_OBJECT ? rows.getBytes(column) : null;
        return bytes == null
                ? String.valueOf(rows.getString(column))
                : HexFormat.of().formatHex(bytes);
    }
}
