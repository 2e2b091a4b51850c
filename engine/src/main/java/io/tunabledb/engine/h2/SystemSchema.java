package io.tunabledb.engine.h2;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;

/**
 * What each H2 database of a shard is made with, before anything is loaded or applied: what schema {@value #NAME} shows on
 * every replica, and the dialect.
 */
public record SystemSchema(List<SystemTable> tables, List<SystemView> views, Compatibility compatibility) {
    /** The schema's name: users may select from it, and nothing else. */
    public static final String NAME = "TUNABLE";

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

    /** Whether a schema belongs to the engine: what is in it is made anew with each database. */
    static boolean isOwn(String schema) {
        return schema.equals(NAME) || schema.equals(Storage.INTERNAL_SCHEMA);
    }

    void create(Database database, JdbcConnection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + NAME);
            Schema schema = database.getSchema(NAME);
            for (SystemTable table : tables) {
                schema.add(new GeneratedTable(schema, table));
            }
            for (SystemView view : views) {
                statement.execute("CREATE VIEW " + NAME + "." + view.name() + " AS " + view.query());
            }
        }
    }
}
