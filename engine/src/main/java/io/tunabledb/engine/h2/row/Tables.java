package io.tunabledb.engine.h2.row;

import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.schema.SchemaObject;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/** Finds tables by name; remembers them until the next definition. Belongs to one thread. */
public final class Tables {
    private final Database database;
    private final Map<TableName, MVTable> known = new HashMap<>();
    private long knownAt = -1;

    public Tables(Database database) {
        this.database = database;
    }

    /** The table with that name, or null; not a session's temporary one. */
    @Nullable
    public MVTable find(TableName name) {
        long now = database.getModificationMetaId();
        if (now != knownAt) {
            known.clear();
            knownAt = now;
        }
        MVTable table = known.get(name);
        if (table == null) {
            table = lookUp(database, name);
            if (table != null) {
                known.put(name, table);
            }
        }
        return table;
    }

    public static @Nullable MVTable lookUp(Database database, TableName name) {
        Schema schema = database.findSchema(name.schema());
        if (schema == null) {
            return null;
        }
        for (Table table : schema.getAllTablesAndViews(null)) {
            if (table instanceof MVTable found && table.getName().equals(name.name())) {
                return found;
            }
        }
        return null;
    }

    /** The names of the users' tables, in order. */
    public static List<TableName> ofUsers(Database database) {
        return replicated(database).stream()
                .map(Tables::nameOf)
                .filter(name -> !name.schema().equals(ReservedNames.INTERNAL_SCHEMA))
                .sorted()
                .collect(Collectors.toList());
    }

    /** Every table whose rows are part of a replica's state, in order of creation. */
    public static List<MVTable> replicated(Database database) {
        List<MVTable> tables = new ArrayList<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (table instanceof MVTable found && found.getId() != 0 && NetEffects.isReplicated(found)) {
                    tables.add(found);
                }
            }
        }
        tables.sort((a, b) -> Integer.compare(a.getId(), b.getId()));
        return tables;
    }

    public static TableName nameOf(SchemaObject table) {
        return new TableName(table.getSchema().getName(), table.getName());
    }

    /** Takes the session's own lock around a change to its state from another thread. */
    public static void locked(SessionLocal session, Runnable action) {
        session.lock();
        try {
            action.run();
        } finally {
            session.unlock();
        }
    }

    /** A name as it stands in a list, a line or a column each: {@link String#translateEscapes} gives it back. */
    public static String listed(String name) {
        return name.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }
}
