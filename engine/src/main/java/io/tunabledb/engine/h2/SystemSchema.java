package io.tunabledb.engine.h2;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;

/** What schema {@value #NAME} shows on every replica; made with each H2 database, before anything is loaded or applied. */
public record SystemSchema(List<SystemTable> tables, List<SystemView> views) {
    /** The schema's name: users may select from it, and nothing else. */
    public static final String NAME = "TUNABLE";

    /** A schema with nothing in it. */
    public static final SystemSchema EMPTY = new SystemSchema(List.of(), List.of());

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
