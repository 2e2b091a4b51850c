package io.tunabledb.engine.h2;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.h2.jdbc.JdbcConnection;

/** The engine's settings, replicated like any rows: rules, the tables' ladders and shardings, by name. */
final class SettingsTable {
    static final String CREATE = "CREATE TABLE " + Storage.INTERNAL_SCHEMA
            + ".SETTINGS(NAME VARCHAR PRIMARY KEY, \"VALUE\" VARCHAR NOT NULL)";

    private SettingsTable() {}

    /** All of them, in order of name. */
    static Map<String, String> read(JdbcConnection connection) throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT NAME, \"VALUE\" FROM " + Storage.INTERNAL_SCHEMA + ".SETTINGS ORDER BY NAME")) {
            while (rows.next()) {
                settings.put(rows.getString(1), rows.getString(2));
            }
        }
        return settings;
    }
}
