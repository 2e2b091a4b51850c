package io.tunabledb.engine.h2.catalog;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.internals.H2Instance;
import java.sql.Connection;
import java.sql.SQLException;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;
import org.h2.table.TableSynonym;

/** What rights can be given on: a storage's schemas, tables and views, as a connection sees them. */
public final class NamedObjects {

    private NamedObjects() {}

    /** A table or a view. */
    public record Name(String schema, String table) {}

    /** Fails with 42704 when there is no such schema. */
    public static void requireSchema(Connection connection, String schema) throws SQLException {
        var unused = find(connection, schema);
    }

    private static Schema find(Connection connection, String schema) throws SQLException {
        Database database =
                H2Instance.session(connection.unwrap(JdbcConnection.class)).getDatabase();
        Schema found = database.findSchema(schema);
        if (found == null) {
            throw Errors.of(
                    SqlState.UNKNOWN_OBJECT,
                    "schema " + schema + " not found; INFORMATION_SCHEMA.SCHEMATA shows which there are");
        }
        return found;
    }

    /** The table or view of that name, or behind that synonym; fails with 42S02 when there is none. */
    public static Name requireTable(Connection connection, String schema, String table) throws SQLException {
        Schema in = find(connection, schema);
        if (in.findTableOrView(null, table) != null) {
            return new Name(schema, table);
        }
        TableSynonym synonym = in.getSynonym(table);
        if (synonym == null) {
            throw Errors.of(
                    SqlState.TABLE_NOT_FOUND,
                    "table " + schema + "." + table + " not found; INFORMATION_SCHEMA.TABLES shows which there are");
        }
        return new Name(synonym.getSynonymForSchema().getName(), synonym.getSynonymForName());
    }
}
