package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.internals.Compatibility;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;

/**
 * What each H2 database of a shard is made with, before anything is loaded or applied: what schema {@value ReservedNames#SYSTEM_SCHEMA} shows on
 * every replica, and the dialect.
 */
public record SystemSchema(List<SystemTable> tables, List<SystemView> views, Compatibility compatibility) {
    /** A schema with nothing in it. */
    public static final SystemSchema EMPTY = new SystemSchema(List.of(), List.of());

    /** In H2's own dialect. */
    public SystemSchema(List<SystemTable> tables, List<SystemView> views) {
        this(tables, views, Compatibility.REGULAR);
    }

    public SystemSchema {
        tables = List.copyOf(tables);
        views = List.copyOf(views);
    }

    public void create(Database database, JdbcConnection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + ReservedNames.SYSTEM_SCHEMA);
            Schema schema = database.getSchema(ReservedNames.SYSTEM_SCHEMA);
            for (SystemTable table : tables) {
                if (table.byUser() == null) {
                    schema.add(new GeneratedTable(schema, table));
                } else {
                    InformationTables.put(table, database, H2Instance.session(connection));
                }
            }
            for (SystemView view : views) {
                statement.execute(
                        "CREATE VIEW " + ReservedNames.SYSTEM_SCHEMA + "." + view.name() + " AS " + view.query());
            }
        }
    }
}
