package io.tunabledb.examples.quickstart;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Copies tables with their keys and rows from one JDBC database to another: plain JDBC on both sides. */
final class ChinookTables {
    private static final int BATCH = 1_000;

    private final Connection source;
    private final String schema;

    ChinookTables(Connection source, String schema) {
        this.source = source;
        this.schema = schema;
    }

    /** A table's name, its statement of creation, and the tables it refers to. */
    private record Table(String name, String definition, Set<String> refersTo) {}

    /** Copies what the target lacks; how many rows that was. */
    int copyTo(Connection target) throws SQLException {
        execute(target, "CREATE SCHEMA IF NOT EXISTS " + schema);
        target.setSchema(schema.toUpperCase(Locale.ROOT));
        int copied = 0;
        for (Table table : parentsFirst(tables())) {
            execute(target, table.definition);
            copied += copyRows(table.name, target);
        }
        return copied;
    }

    int count() throws SQLException {
        return tables().size();
    }

    private List<Table> tables() throws SQLException {
        List<Table> tables = new ArrayList<>();
        try (ResultSet rows = source.getMetaData().getTables(null, schema, "%", new String[] {"TABLE"})) {
            while (rows.next()) {
                tables.add(table(rows.getString("TABLE_NAME")));
            }
        }
        return tables;
    }

    private Table table(String name) throws SQLException {
        DatabaseMetaData metadata = source.getMetaData();
        List<String> parts = new ArrayList<>();
        try (ResultSet columns = metadata.getColumns(null, schema, name, "%")) {
            while (columns.next()) {
                parts.add(column(columns));
            }
        }
        Map<Integer, String> key = new TreeMap<>();
        try (ResultSet columns = metadata.getPrimaryKeys(null, schema, name)) {
            while (columns.next()) {
                key.put(columns.getInt("KEY_SEQ"), columns.getString("COLUMN_NAME"));
            }
        }
        parts.add("PRIMARY KEY (" + String.join(", ", key.values()) + ")");
        Set<String> refersTo = new LinkedHashSet<>();
        try (ResultSet keys = metadata.getImportedKeys(null, schema, name)) {
            while (keys.next()) {
                String parent = keys.getString("PKTABLE_NAME");
                parts.add("FOREIGN KEY (" + keys.getString("FKCOLUMN_NAME") + ") REFERENCES " + parent + "("
                        + keys.getString("PKCOLUMN_NAME") + ")");
                if (!parent.equals(name)) {
                    refersTo.add(parent);
                }
            }
        }
        return new Table(
                name,
                parts.stream().collect(Collectors.joining(", ", "CREATE TABLE IF NOT EXISTS " + name + "(", ")")),
                refersTo);
    }

    private static String column(ResultSet column) throws SQLException {
        String type = column.getString("TYPE_NAME");
        String size = switch (type) {
            case "VARCHAR" -> "(" + column.getInt("COLUMN_SIZE") + ")";
            case "DECIMAL" -> "(" + column.getInt("COLUMN_SIZE") + ", " + column.getInt("DECIMAL_DIGITS") + ")";
            default -> "";
        };
        boolean isNullable = column.getInt("NULLABLE") != DatabaseMetaData.columnNoNulls;
        return column.getString("COLUMN_NAME") + " " + type + size + (isNullable ? "" : " NOT NULL");
    }

    private static List<Table> parentsFirst(List<Table> tables) {
        List<Table> waiting = new ArrayList<>(tables);
        List<Table> sorted = new ArrayList<>();
        Set<String> placed = new LinkedHashSet<>();
        while (!waiting.isEmpty()) {
            Table next = waiting.stream()
                    .filter(table -> placed.containsAll(table.refersTo))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("tables refer to each other in a circle: " + waiting));
            waiting.remove(next);
            placed.add(next.name);
            sorted.add(next);
        }
        return sorted;
    }

    /** A run that was killed half-way may have left some rows: they are merged, not inserted. */
    private int copyRows(String table, Connection target) throws SQLException {
        try (Statement read = source.createStatement();
                ResultSet rows =
                        read.executeQuery("SELECT * FROM \"" + schema + "\".\"" + table + "\" ORDER BY 1, 2")) {
            if (rowCount(target, table) == rowCount(source, "\"" + schema + "\".\"" + table + "\"")) {
                return 0;
            }
            int width = rows.getMetaData().getColumnCount();
            String marks = "?, ".repeat(width - 1) + "?";
            target.setAutoCommit(false);
            int copied = 0;
            try (PreparedStatement write = target.prepareStatement("MERGE INTO " + table + " VALUES (" + marks + ")")) {
                while (rows.next()) {
                    for (int i = 1; i <= width; i++) {
                        write.setObject(i, rows.getObject(i));
                    }
                    write.addBatch();
                    if (++copied % BATCH == 0) {
                        write.executeBatch();
                    }
                }
                write.executeBatch();
            }
            target.commit();
            target.setAutoCommit(true);
            return copied;
        }
    }

    private static long rowCount(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
