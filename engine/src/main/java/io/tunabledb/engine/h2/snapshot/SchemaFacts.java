package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.h2.sql.ReservedNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What INFORMATION_SCHEMA says of the users' schema: one fact a row, by what it is about. It is the second opinion on
 * {@link SchemaScript}, which is made another way; two databases with the same facts look the same to their users.
 *
 * <p>Left out is what isn't replicated or has its own comparison: rows and their estimates, where sequences stand; and how
 * wide a constant array's elements were declared, of which H2 keeps as much as the values need.
 */
record SchemaFacts(SortedMap<String, String> facts) {
    private static final List<String> TABLES = List.of(
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
            "KEY_COLUMN_USAGE",
            "PARAMETERS",
            "REFERENTIAL_CONSTRAINTS",
            "RIGHTS",
            "ROLES",
            "ROUTINES",
            "SCHEMATA",
            "SEQUENCES",
            "SYNONYMS",
            "TABLES",
            "TABLE_CONSTRAINTS",
            "TRIGGERS",
            "VIEWS");

    /** Of these every replica, and every opening, has its own. */
    private static final Set<String> NOT_REPLICATED =
            Set.of("BASE_VALUE", "IDENTITY_BASE", "LAST_MODIFICATION", "ROW_COUNT_ESTIMATE", "SELECTIVITY");

    private static final int SHOWN_CHARS = 300;

    /** Those of a database. */
    static SchemaFacts of(Connection admin) throws SQLException {
        SortedMap<String, String> facts = new TreeMap<>();
        try (Statement statement = admin.createStatement()) {
            for (String table : TABLES) {
                try (ResultSet rows = statement.executeQuery("SELECT * FROM INFORMATION_SCHEMA." + table)) {
                    collect(table, rows, facts);
                }
            }
        }
        return new SchemaFacts(facts);
    }

    private static void collect(String table, ResultSet rows, SortedMap<String, String> facts) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        while (rows.next()) {
            StringBuilder subject = new StringBuilder(table);
            StringBuilder fact = new StringBuilder();
            String schema = "";
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                String name = columns.getColumnName(i);
                String value = rows.getString(i);
                if (value == null || name.contains("CATALOG") || NOT_REPLICATED.contains(name)) {
                    continue;
                }
                if (schema.isEmpty() && (name.endsWith("_SCHEMA") || name.equals("SCHEMA_NAME"))) {
                    schema = value; // the first one is the object's own
                }
                StringBuilder into = isName(name) ? subject : fact;
                into.append(into.isEmpty() ? "" : " ").append(name).append('=').append(value);
            }
            boolean isValues = table.equals("ELEMENT_TYPES") && fact.indexOf("OBJECT_TYPE=CONSTANT") >= 0;
            if (!isValues && !schema.equals("INFORMATION_SCHEMA") && !ReservedNames.isOwn(schema)) {
                facts.merge(subject.toString(), fact.toString(), (one, other) -> one + " and " + other);
            }
        }
    }

    private static boolean isName(String column) {
        return column.endsWith("_SCHEMA")
                || column.endsWith("_NAME")
                || column.endsWith("_IDENTIFIER")
                || column.endsWith("_ORDINAL")
                || column.equals("GRANTEE")
                || column.equals("ORDINAL_POSITION");
    }

    /** The first thing that {@code readBack} says otherwise, or null. */
    @Nullable
    String difference(SchemaFacts readBack) {
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            String other = readBack.facts.get(fact.getKey());
            if (other == null) {
                return fact.getKey() + " is missing (" + cut(fact.getValue(), 0) + ")";
            }
            if (!other.equals(fact.getValue())) {
                int from = commonLength(other, fact.getValue());
                return fact.getKey() + " was " + cut(fact.getValue(), from) + ", reads back as " + cut(other, from);
            }
        }
        for (Map.Entry<String, String> fact : readBack.facts.entrySet()) {
            if (!facts.containsKey(fact.getKey())) {
                return fact.getKey() + " was not there (" + cut(fact.getValue(), 0) + ")";
            }
        }
        return null;
    }

    private static int commonLength(String one, String other) {
        int length = 0;
        while (length < Math.min(one.length(), other.length()) && one.charAt(length) == other.charAt(length)) {
            length++;
        }
        return length;
    }

    /** The part around a place. */
    private static String cut(String text, int place) {
        int from = Math.max(0, place - SHOWN_CHARS / 2);
        int to = Math.min(text.length(), from + SHOWN_CHARS);
        return (from > 0 ? "…" : "") + text.substring(from, to) + (to < text.length() ? "…" : "");
    }
}
