package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.util.Map;
import java.util.WeakHashMap;
import org.h2.command.ddl.Analyze;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;

/**
 * Keeps the optimizer's view of how selective columns are: from a sample, each time a table has doubled. H2 would do so
 * by itself, but on whatever thread commits, and only for the sessions that change rows.
 */
final class Statistics {
    private static final int SAMPLE_ROWS = 1000;
    private static final int ENTRIES_BETWEEN_LOOKS = 512;

    private final Database database;
    private final Map<MVTable, Long> rowsSeen = new WeakHashMap<>();
    private int entries;

    Statistics(Database database) {
        this.database = database;
    }

    /** On the apply thread, between entries. Commits. */
    void entryApplied(SessionLocal session) {
        if (++entries % ENTRIES_BETWEEN_LOOKS == 0) {
            refresh(session);
        }
    }

    void refresh(SessionLocal session) {
        for (MVTable table : Tables.replicated(database)) {
            long rows = table.getRowCountApproximation(session);
            long seen = rowsSeen.getOrDefault(table, SAMPLE_ROWS / 2L);
            if (rows >= 2 * seen && !table.getSchema().getName().equals(ReservedNames.INTERNAL_SCHEMA)) {
                rowsSeen.put(table, rows);
                analyze(session, table);
            }
        }
    }

    private static void analyze(SessionLocal session, MVTable table) {
        try {
            Analyze.analyzeTable(session, table, SAMPLE_ROWS, false);
            session.commit(false);
        } catch (DbException e) {
            session.rollback(); // a session locks the table; the next doubling comes
        }
    }
}
