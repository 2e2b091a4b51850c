package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.SqlTokens;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the settings of a table, named {@code table.WHAT.SCHEMA.TABLE}, with their table: a definition that renames it
 * renames them, one that drops it drops them, so that a later table of that name does not inherit them. Consistency rules
 * for it, whose {@code rule.table.NAME} is its name, follow a new name too; but they are guards that somebody set over that
 * name, so they outlive the table, and a later one of that name is guarded from its first row on.
 */
final class TableSettings {
    private static final String SETTINGS = ReservedNames.INTERNAL_SCHEMA + ".SETTINGS";
    private static final String[] OF_A_TABLE = {
        "table.read.", "table.write.", ShardSettings.PREFIX, ShardSettings.MOVED, ShardSettings.FROZEN
    };

    private final Database database;
    private final Map<Integer, TableName> before;
    private final RightSettings rights;

    /** Notes the tables before a definition. */
    TableSettings(Database database) {
        this.database = database;
        this.before = names(database);
        this.rights = new RightSettings(database);
    }

    /** After the definition, before its ledger row is committed: what the settings there were come to. */
    void settle(JdbcConnection connection) throws SQLException {
        Map<Integer, TableName> after = names(database);
        for (Map.Entry<Integer, TableName> table : before.entrySet()) {
            TableName old = table.getValue();
            if (!after.containsValue(old)) {
                TableName renamed = after.get(table.getKey());
                if (renamed == null) {
                    drop(connection, old);
                } else {
                    rename(connection, old, renamed);
                }
            }
        }
        rights.settle(connection);
    }

    /**
     * The settings that a definition comes with, to be put if it takes effect. CREATE TABLE IF NOT EXISTS leaves those of a
     * table that was there alone, as it does the table.
     */
    Map<String, String> brought(SchemaChange definition) {
        Map<String, String> brought = definition.beside();
        if (SqlTokens.startsWith(definition.sql(), "CREATE")) {
            brought.keySet().removeIf(setting -> {
                String table = tableOf(setting);
                return table != null
                        && before.values().stream()
                                .anyMatch(name -> name.toString().equals(table));
            });
            brought.keySet().removeIf(rights::isOfOldSchema);
        }
        return brought;
    }

    /** The table a setting belongs to, as {@code SCHEMA.TABLE}; null when it belongs to none. */
    static @Nullable String tableOf(String setting) {
        for (String prefix : OF_A_TABLE) {
            if (setting.startsWith(prefix)) {
                return setting.substring(prefix.length());
            }
        }
        return null;
    }

    static void put(JdbcConnection connection, String name, String value) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("MERGE INTO " + SETTINGS + "(NAME, \"VALUE\") KEY(NAME) VALUES(?, ?)")) {
            statement.setString(1, name);
            statement.setString(2, value);
            statement.executeUpdate();
        }
    }

    static void remove(JdbcConnection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM " + SETTINGS + " WHERE NAME = ?")) {
            statement.setString(1, name);
            statement.executeUpdate();
        }
    }

    /** Those whose names begin so. */
    static void removeAll(JdbcConnection connection, String prefix) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM " + SETTINGS + " WHERE LOCATE(?, NAME) = 1")) {
            statement.setString(1, prefix);
            statement.executeUpdate();
        }
    }

    static void rename(JdbcConnection connection, String from, String to) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE " + SETTINGS + " SET NAME = ? WHERE NAME = ?")) {
            statement.setString(1, to);
            statement.setString(2, from);
            statement.executeUpdate();
        }
    }

    private static void drop(JdbcConnection connection, TableName table) throws SQLException {
        for (String what : OF_A_TABLE) {
            remove(connection, what + table);
        }
    }

    private static void rename(JdbcConnection connection, TableName from, TableName to) throws SQLException {
        for (String what : OF_A_TABLE) {
            rename(connection, what + from, what + to);
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE " + SETTINGS + " SET \"VALUE\" = ? WHERE NAME LIKE 'rule.table.%' AND \"VALUE\" = ?")) {
            statement.setString(1, to.toString());
            statement.setString(2, from.toString());
            statement.executeUpdate();
        }
    }

    private static Map<Integer, TableName> names(Database database) {
        Map<Integer, TableName> names = new HashMap<>();
        for (MVTable table : Tables.replicated(database)) {
            names.put(table.getId(), Tables.nameOf(table));
        }
        return names;
    }
}
