package io.tunabledb.engine.h2.row;

import io.tunabledb.engine.h2.internals.IndexKeys;
import java.util.List;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The entries of tables' indexes where a row was changed to values that are equal and look different, such as letters of
 * another case. H2 leaves the index as it is then. Here the entry is what the row is, on the leader before its statement has ended
 * ({@link #guard}), and where changes are applied ({@link #settle}).
 */
public final class IndexEntries {
    private IndexEntries() {}

    /** After a row was changed the way H2 does it. */
    static void settle(SessionLocal session, MVTable table, Row before, Row after) {
        for (Index index : table.getIndexes()) {
            if (index.getRowFactory() instanceof IndexKeys keys
                    && index.areRowsEquivalent(before, after)
                    && !keys.lookAlike(before, after)) {
                index.remove(session, before);
                index.add(session, after);
            }
        }
    }

    /**
     * Puts a guard behind every table that needs one.
     *
     * @param undo takes what takes it away again
     */
    public static void guard(Database database, List<Runnable> undo) {
        for (MVTable table : Tables.replicated(database)) {
            Guard guard = new Guard(table);
            if (isNeeded(table)) {
                table.addConstraint(guard);
                undo.add(() -> table.removeConstraint(guard));
            }
        }
    }

    /** Puts one behind every temporary table of the session that needs one and has none. */
    public static void guardOwn(SessionLocal session) {
        for (Table table : session.getLocalTempTables()) {
            if (table instanceof MVTable own && isNeeded(own)) {
                own.addConstraint(new Guard(own)); // a table takes each kind once
            }
        }
    }

    private static boolean isNeeded(MVTable table) {
        return table.getIndexes().stream().anyMatch(index -> index.getRowFactory() instanceof IndexKeys);
    }

    /** Stands behind every change of a row that a statement makes. Applying the log passes by. */
    private static final class Guard extends RowGuard {
        private final MVTable guarded;

        Guard(MVTable table) {
            super(table, Kind.INDEX_ENTRIES);
            this.guarded = table;
        }

        @Override
        public boolean isBefore() {
            return false;
        }

        @Override
        public void checkRow(SessionLocal session, Table t, @Nullable Row before, @Nullable Row after) {
            if (before != null && after != null) {
                settle(session, guarded, before, after);
            }
        }
    }
}
