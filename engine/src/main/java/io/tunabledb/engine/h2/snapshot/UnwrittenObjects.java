package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.h2.row.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.SchemaObject;

/**
 * What a definition that failed has left and H2's own catalog has not. An ALTER TABLE that adds several constraints and fails at
 * one of them keeps those before it and their indexes, but their rows of the catalog are rolled back; then whoever renames or
 * changes them finds no row and fails. They are written down. A CREATE DOMAIN whose check fails keeps the domain without the
 * check; that is taken back.
 */
public final class UnwrittenObjects {
    private final Database database;
    private final Set<MVTable> before;
    private final Set<Domain> domains;

    /** To be made before a definition is executed. */
    public UnwrittenObjects(Database database) {
        this.database = database;
        before = new HashSet<>(Tables.replicated(database));
        domains = new HashSet<>(domains());
    }

    private List<Domain> domains() {
        List<Domain> all = new ArrayList<>();
        database.getAllSchemasNoMeta().forEach(schema -> all.addAll(schema.getAllDomains()));
        return all;
    }

    /**
     * Takes back the domains that are new and writes down what the tables that are new have; what is written already stays as it
     * is. After a definition that failed.
     */
    public void settle(SessionLocal session) {
        for (Domain domain : domains()) {
            if (!domains.contains(domain)) {
                database.removeSchemaObject(session, domain);
            }
        }
        for (MVTable table : Tables.replicated(database)) {
            if (before.contains(table)) {
                continue;
            }
            List<SchemaObject> objects = new ArrayList<>();
            for (Index index : table.getIndexes()) {
                if (index.getCreateSQL() != null) {
                    objects.add(index);
                }
            }
            table.getConstraints().forEach(objects::add);
            for (SchemaObject object : objects) {
                object.getSchema().remove(object);
                database.addSchemaObject(session, object);
            }
        }
    }
}
