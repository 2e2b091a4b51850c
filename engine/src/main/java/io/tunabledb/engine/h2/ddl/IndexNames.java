package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.row.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;

/**
 * Gives the indexes of constraints names that are the same on every replica. H2 derives them from the table's name, but
 * where ALTER TABLE makes a copy, from the copy's name, which contains a session's number.
 */
final class IndexNames {
    private static final Pattern GENERATED = Pattern.compile("(PRIMARY_KEY_|.*_INDEX_)[0-9A-F]+(_[0-9]+)?");

    private final Database database;
    private final Set<MVTable> before;

    private record Generated(Index index, String prefix) {}

    /** To be made before a definition is executed. */
    IndexNames(Database database) {
        this.database = database;
        before = new HashSet<>(Tables.replicated(database));
    }

    /** Renames the indexes of tables that are new. */
    void settle(SessionLocal session) {
        for (MVTable table : Tables.replicated(database)) {
            if (!before.contains(table)) {
                settle(session, table);
            }
        }
    }

    private void settle(SessionLocal session, MVTable table) {
        List<Generated> generated = new ArrayList<>();
        for (Index index : table.getIndexes()) {
            Matcher name = GENERATED.matcher(index.getName());
            if (index.getCreateSQL() != null && index.getIndexType().getBelongsToConstraint() && name.matches()) {
                generated.add(new Generated(index, name.group(1)));
            }
        }
        // first out of the way, so that no old name is in the way of a new one
        for (int i = 0; i < generated.size(); i++) {
            Index index = generated.get(i).index();
            database.renameSchemaObject(session, index, "TUNABLE_RENAMING_" + i);
        }
        Schema schema = table.getSchema();
        for (Generated each : generated) {
            String name = schema.getUniqueIndexName(session, table, each.prefix());
            database.renameSchemaObject(session, each.index(), name);
            schema.freeUniqueName(name);
        }
    }
}
