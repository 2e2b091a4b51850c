package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.internals.H2Tree;
import java.util.Map;
import java.util.Objects;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.schema.Schema;
import org.h2.table.Table;

/**
 * Puts the engine's own tables in the place of H2's in INFORMATION_SCHEMA, where H2 would show the users of one replica's
 * storage instead of the database's.
 */
final class InformationTables {

    private InformationTables() {}

    /** From now on a statement that reads the table of that name gets this one's rows. */
    static void put(SystemTable table, Database database, SessionLocal session) {
        Schema schema = database.getSchema("INFORMATION_SCHEMA");
        // H2 makes them all when it is first asked for one
        schema.getTableOrView(session, table.name());
        @SuppressWarnings("unchecked") // H2 declares it so
        Map<String, Table> tables = Objects.requireNonNull(H2Tree.INFORMATION_TABLES.of(schema, Map.class));
        tables.put(table.name(), new GeneratedTable(schema, table));
    }
}
