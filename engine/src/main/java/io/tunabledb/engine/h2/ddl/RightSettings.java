package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.access.Accounts;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;
import org.h2.table.Table;

/**
 * Keeps rights with what they are on, as H2 does: {@code table.rights.} with a table or a view, {@code
 * schema.rights.SCHEMA} and {@code schema.owner.SCHEMA} with a schema. What gets another name keeps them, what is dropped
 * loses them, so that nobody has rights on a later one of its name.
 */
final class RightSettings {
    private static final String OF_TABLE = "table.rights.";
    private static final String OF_SCHEMA = "schema.rights.";
    private static final String OWNER = "schema.owner.";

    private final Database database;
    private final Map<Integer, String> tables;
    private final Map<Integer, String> schemas;

    /** Notes what there is before a definition. */
    RightSettings(Database database) {
        this.database = database;
        this.tables = tables(database);
        this.schemas = schemas(database);
    }

    /** Whether it is a setting of a schema that is there already. */
    boolean isOfOldSchema(String setting) {
        return setting.startsWith(OWNER) && schemas.containsValue(setting.substring(OWNER.length()));
    }

    /** After the definition. */
    void settle(JdbcConnection connection) throws SQLException {
        settle(connection, tables, tables(database), OF_TABLE);
        Map<Integer, String> after = schemas(database);
        settle(connection, schemas, after, OF_SCHEMA);
        settle(connection, schemas, after, OWNER);
    }

    private static void settle(
            JdbcConnection connection, Map<Integer, String> before, Map<Integer, String> after, String prefix)
            throws SQLException {
        for (Map.Entry<Integer, String> one : before.entrySet()) {
            String old = one.getValue();
            if (after.containsValue(old)) {
                continue;
            }
            String renamed = after.get(one.getKey());
            if (renamed == null) {
                TableSettings.remove(connection, prefix + old);
            } else {
                TableSettings.rename(connection, prefix + old, prefix + renamed);
            }
        }
    }

    private static Map<Integer, String> tables(Database database) {
        Map<Integer, String> names = new HashMap<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (table.getId() != 0) {
                    names.put(table.getId(), Accounts.key(schema.getName(), table.getName()));
                }
            }
        }
        return names;
    }

    private static Map<Integer, String> schemas(Database database) {
        Map<Integer, String> names = new HashMap<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            names.put(schema.getId(), schema.getName());
        }
        return names;
    }
}
