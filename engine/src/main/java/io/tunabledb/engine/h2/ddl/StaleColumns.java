package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.internals.H2Tree;
import java.util.List;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.constraint.ConstraintUnique;
import org.h2.engine.Database;
import org.h2.index.Index;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.Table;

/**
 * Brings keys and indexes up to date after a column was renamed: H2 keeps the name beside the column, shows it in
 * KEY_COLUMN_USAGE, and forgets it only when it opens the database again. So a replica that was restarted would say
 * something else than one that was not, and a snapshot than what it was written from.
 */
final class StaleColumns {
    private final Database database;

    StaleColumns(Database database) {
        this.database = database;
    }

    /** After a definition, in its session. */
    void settle() {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Constraint constraint : schema.getAllConstraints()) {
                if (constraint instanceof ConstraintUnique key) {
                    settle(key.getColumns());
                } else if (constraint instanceof ConstraintReferential reference) {
                    settle(reference.getColumns());
                    settle(reference.getRefColumns());
                }
            }
            for (Table table : schema.getAllTablesAndViews(null)) {
                List<Index> indexes = table.getIndexes(); // null for a view
                if (indexes != null) {
                    indexes.forEach(index -> settle(index.getIndexColumns()));
                }
            }
        }
    }

    private static void settle(IndexColumn[] columns) {
        for (IndexColumn each : columns) {
            Column column = each.column;
            if (column != null && !column.getName().equals(each.columnName)) {
                H2Tree.INDEX_COLUMN.set(each, column.getName());
            }
        }
    }
}
