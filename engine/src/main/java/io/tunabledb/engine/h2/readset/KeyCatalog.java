package io.tunabledb.engine.h2.readset;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.engine.Database;
import org.h2.mvstore.db.MVTable;

/** The keys of every table, remembered until the next definition. Any thread. */
public final class KeyCatalog {
    private final Database database;
    private volatile Known known;

    /** As of one state of the schema. */
    private record Known(long schema, Map<MVTable, TableKeys> keys) {}

    public KeyCatalog(Database database) {
        this.database = database;
        known = new Known(-1, Map.of());
    }

    public TableKeys of(MVTable table) {
        long schema = database.getModificationMetaId();
        Known current = known;
        if (current.schema != schema) {
            current = new Known(schema, new ConcurrentHashMap<>());
            known = current;
        }
        return current.keys.computeIfAbsent(table, TableKeys::new);
    }
}
