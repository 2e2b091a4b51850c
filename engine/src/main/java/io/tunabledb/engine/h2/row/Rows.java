package io.tunabledb.engine.h2.row;

import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.DefaultRow;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** Rows of an H2 table by their row key. */
public final class Rows {
    private Rows() {}

    /** The table's rows as the session's transaction sees them. */
    public static TransactionMap<Long, SearchRow> of(MVTable table, SessionLocal session) {
        MVPrimaryIndex scan = (MVPrimaryIndex) table.getScanIndex(session);
        return session.getTransaction().openMapX(scan.getMVMap());
    }

    /** The row with that key, or null. */
    public static @Nullable Row find(TransactionMap<Long, SearchRow> rows, long key) {
        Row row = (Row) rows.getFromSnapshot(key);
        if (row != null && row.getKey() == 0) {
            row.setKey(key);
        }
        return row;
    }

    /**
     * Adds a row under its own key. H2 takes 0 for none and gives another one; where an INT primary key was the row key before
     * it was dropped, there may be a row 0, and it must be that on every replica.
     */
    public static void add(MVTable table, SessionLocal session, Row row) {
        if (row.getKey() != 0 || table.getMainIndexColumn() != SearchRow.ROWID_INDEX) {
            table.addRow(session, row);
            return;
        }
        if (of(table, session).putIfAbsent(0L, row) != null) {
            throw new IllegalStateException("row 0 of " + Tables.nameOf(table) + " is there already");
        }
        for (Index index : table.getIndexes()) {
            if (!index.isRowIdIndex()) {
                index.add(session, row);
            }
        }
        session.registerTableAsUpdated(table);
    }

    /** A row to be stored under {@code key}. */
    public static Row create(MVTable table, Value[] values, long key) {
        Row row = table.createRow(values, DefaultRow.MEMORY_CALCULATE);
        row.setKey(key);
        return row;
    }
}
