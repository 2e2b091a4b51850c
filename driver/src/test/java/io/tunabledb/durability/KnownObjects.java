package io.tunabledb.durability;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What a schema holds at a moment, for a generator to choose from. Names are quoted and qualified, ready for a statement. */
final class KnownObjects {
    private static final String FOREIGN = " NOT IN ('INFORMATION_SCHEMA', 'TUNABLE', 'TUNABLE_INTERNAL') ORDER BY 1, 2";

    /** A column and its type as H2 names it. */
    record Column(String name, String type, boolean generated) {}

    /** A table or a view. */
    record Table(String name, boolean view, List<Column> columns) {}

    /** What belongs to a table, such as a constraint; the name is as it is written in a statement. */
    record Part(String table, String name) {}

    final List<Table> tables = new ArrayList<>();
    final List<Table> views = new ArrayList<>();
    final List<Part> constraints = new ArrayList<>();
    final List<Part> domainConstraints = new ArrayList<>();
    final List<String> schemas = new ArrayList<>();
    final List<String> indexes = new ArrayList<>();
    final List<String> domains = new ArrayList<>();
    final List<String> constants = new ArrayList<>();
    final List<String> sequences = new ArrayList<>();
    final List<String> synonyms = new ArrayList<>();

    static KnownObjects of(Connection connection) throws SQLException {
        KnownObjects known = new KnownObjects();
        try (Statement statement = connection.createStatement()) {
            known.readTables(statement);
            known.names(statement, known.domains, "DOMAIN_SCHEMA, DOMAIN_NAME", "DOMAINS", "DOMAIN_SCHEMA");
            known.names(statement, known.constants, "CONSTANT_SCHEMA, CONSTANT_NAME", "CONSTANTS", "CONSTANT_SCHEMA");
            known.names(statement, known.sequences, "SEQUENCE_SCHEMA, SEQUENCE_NAME", "SEQUENCES", "SEQUENCE_SCHEMA");
            known.names(statement, known.synonyms, "SYNONYM_SCHEMA, SYNONYM_NAME", "SYNONYMS", "SYNONYM_SCHEMA");
            known.names(statement, known.indexes, "INDEX_SCHEMA, INDEX_NAME", "INDEXES", "INDEX_SCHEMA");
            known.parts(
                    statement,
                    known.constraints,
                    "TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME",
                    "TABLE_CONSTRAINTS",
                    "TABLE_SCHEMA");
            known.parts(
                    statement,
                    known.domainConstraints,
                    "DOMAIN_SCHEMA, DOMAIN_NAME, CONSTRAINT_NAME",
                    "DOMAIN_CONSTRAINTS",
                    "DOMAIN_SCHEMA");
            try (ResultSet rows = statement.executeQuery(
                    "SELECT SCHEMA_NAME, 1 FROM INFORMATION_SCHEMA.SCHEMATA" + " WHERE SCHEMA_NAME" + FOREIGN)) {
                while (rows.next()) {
                    known.schemas.add(quoted(rows.getString(1)));
                }
            }
        }
        return known;
    }

    private void readTables(Statement statement) throws SQLException {
        Map<String, Table> all = new LinkedHashMap<>();
        try (ResultSet rows = statement.executeQuery("SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE"
                + " FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA" + FOREIGN)) {
            while (rows.next()) {
                String name = quoted(rows.getString(1)) + "." + quoted(rows.getString(2));
                Table table = new Table(name, rows.getString(3).equals("VIEW"), new ArrayList<>());
                all.put(name, table);
                (table.view ? views : tables).add(table);
            }
        }
        try (ResultSet rows = statement.executeQuery(
                "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, IS_GENERATED, IS_IDENTITY"
                        + " FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA" + FOREIGN + ", ORDINAL_POSITION")) {
            while (rows.next()) {
                Table table = all.get(quoted(rows.getString(1)) + "." + quoted(rows.getString(2)));
                if (table != null) {
                    boolean generated = rows.getString(5).equals("ALWAYS")
                            || rows.getString(6).equals("YES");
                    table.columns.add(new Column(quoted(rows.getString(3)), rows.getString(4), generated));
                }
            }
        }
    }

    private void names(Statement statement, List<String> into, String columns, String table, String schema)
            throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                "SELECT " + columns + " FROM INFORMATION_SCHEMA." + table + " WHERE " + schema + FOREIGN)) {
            while (rows.next()) {
                into.add(quoted(rows.getString(1)) + "." + quoted(rows.getString(2)));
            }
        }
    }

    private void parts(Statement statement, List<Part> into, String columns, String table, String schema)
            throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                "SELECT " + columns + " FROM INFORMATION_SCHEMA." + table + " WHERE " + schema + FOREIGN + ", 3")) {
            while (rows.next()) {
                into.add(new Part(
                        quoted(rows.getString(1)) + "." + quoted(rows.getString(2)), quoted(rows.getString(3))));
            }
        }
    }

    /** Anything one can select from. */
    Table readable(Random random) {
        int n = tables.size() + views.size();
        if (n == 0) {
            return new Table("SYSTEM_RANGE(1, 3)", true, List.of(new Column("X", "BIGINT", false)));
        }
        int at = random.nextInt(n);
        return at < tables.size() ? tables.get(at) : views.get(at - tables.size());
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
