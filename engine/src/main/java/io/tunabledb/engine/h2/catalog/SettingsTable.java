package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.sql.ReservedNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.h2.jdbc.JdbcConnection;

/** The engine's settings, replicated like any rows: rules, the tables' ladders and shardings, by name. */
public final class SettingsTable {
    public static final String CREATE =
            "CREATE TABLE " + ReservedNames.INTERNAL_SCHEMA + ".SETTINGS(NAME VARCHAR PRIMARY KEY, \"VALUE\" VARCHAR)";

    private SettingsTable() {}

    /** All of them, in order of name. */
    public static Map<String, String> read(JdbcConnection connection) throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT NAME, \"VALUE\" FROM " + ReservedNames.INTERNAL_SCHEMA + ".SETTINGS ORDER BY NAME")) {
            while (rows.next()) {
                // to a database in the mode of Oracle an empty text is NULL
                settings.put(rows.getString(1), Objects.requireNonNullElse(rows.getString(2), ""));
            }
        }
        return settings;
    }
}
