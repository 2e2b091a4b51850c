package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueVarbinary;
import org.jspecify.annotations.Nullable;

/**
 * Which entries have been applied and what was answered: a row per entry, written in the same H2 transaction as the
 * entry's effects, so a reader's H2 snapshot holds exactly the entries whose rows it sees. Kept are the latest row of
 * each of the {@value #MAX_SESSIONS} sessions that wrote last, and the newest row of all; older ones are deleted in
 * batches. Written by the apply thread, read by any.
 */
public final class Ledger {
    public static final String CREATE = "CREATE TABLE " + ReservedNames.LEDGER
            + "(IDX BIGINT PRIMARY KEY, TERM BIGINT NOT NULL, \"SESSION\" BIGINT NOT NULL, NUMBER BIGINT NOT NULL,"
            + " OUTCOME VARBINARY NOT NULL)";
    private static final int MAX_SESSIONS = 10_000;
    private static final int PRUNE_BATCH = 256;

    private final MVTable table;
    private final Deque<Long> obsolete = new ArrayDeque<>();
    private final Map<Long, LedgerRow> bySession = new LinkedHashMap<>(); // who wrote longest ago comes first
    private LedgerRow newest = LedgerRow.unasked(0, 0);
    private volatile Position position = new Position(0, 0);

    private record Position(long term, long index) {}

    private Ledger(MVTable table) {
        this.table = table;
    }

    /** That of a storage, whose tables have just been made. */
    public static Ledger in(Tables tables) throws SQLException {
        MVTable table = tables.find(ReservedNames.LEDGER);
        if (table == null) {
            throw new SQLException("the ledger table is missing");
        }
        return new Ledger(table);
    }

    public long term() {
        return position.term();
    }

    public long index() {
        return position.index();
    }

    public void advance(long term, long index) {
        if (index > position.index()) {
            position = new Position(term, index);
        }
    }

    /** The index of the newest row that the session's open transaction sees; 0 when there is none. */
    public long newestSeen(SessionLocal session) {
        Long newest = Rows.of(table, session).lastKey();
        return newest == null ? 0 : newest;
    }

    /** Adds the row to the session's open transaction. */
    public void insert(SessionLocal session, LedgerRow row) {
        if (row.index() <= position.index()) {
            throw new IllegalStateException("entry " + row.index() + " after entry " + position.index());
        }
        Value[] values = {
            ValueBigint.get(row.index()),
            ValueBigint.get(row.term()),
            ValueBigint.get(row.session()),
            ValueBigint.get(row.number()),
            ValueVarbinary.getNoCopy(row.outcome())
        };
        table.addRow(session, Rows.create(table, values, row.index()));
    }

    /** The row's transaction has committed. */
    public void applied(LedgerRow row) {
        synchronized (bySession) {
            if (newest.session() == 0 && newest.index() != 0) {
                obsolete.add(newest.index());
            }
            if (row.session() != 0) {
                LedgerRow previous = bySession.remove(row.session());
                if (previous != null) {
                    obsolete.add(previous.index());
                }
                bySession.put(row.session(), row);
                evict();
            }
            newest = row;
        }
        advance(row.term(), row.index());
    }

    private void evict() {
        if (bySession.size() > MAX_SESSIONS) {
            Iterator<LedgerRow> oldest = bySession.values().iterator();
            obsolete.add(oldest.next().index());
            oldest.remove();
        }
    }

    /** Deletes rows nobody can ask for any more, when there are enough of them. Commits. */
    public void prune(SessionLocal session) {
        if (obsolete.size() < PRUNE_BATCH) {
            return;
        }
        TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
        for (Long index = obsolete.poll(); index != null; index = obsolete.poll()) {
            Row row = Rows.find(rows, index);
            if (row != null) {
                table.removeRow(session, row);
            }
        }
        session.commit(false);
    }

    /**
     * What was answered.
     *
     * @return null when that write has not been applied here
     * @throws IllegalStateException the session has had a later write answered, so this outcome is no longer kept
     */
    public byte @Nullable [] outcome(long session, long number) {
        LedgerRow latest;
        synchronized (bySession) {
            latest = bySession.get(session);
        }
        if (latest == null || latest.number() < number) {
            return null;
        }
        if (latest.number() > number) {
            throw new IllegalStateException("session " + session + " asks for the outcome of its write " + number
                    + ", but its write " + latest.number() + " has been answered");
        }
        return latest.outcome();
    }

    /** Whether a session's write, or a later one of it, has been answered: its entry must not take effect once more. */
    public boolean hasAnswered(long session, long number) {
        synchronized (bySession) {
            LedgerRow latest = bySession.get(session);
            return latest != null && latest.number() >= number;
        }
    }

    /** The rows that count, oldest writer first, the newest entry last. */
    public List<LedgerRow> kept() {
        synchronized (bySession) {
            List<LedgerRow> kept = new ArrayList<>(bySession.values());
            if (newest.session() == 0 && newest.index() != 0) {
                kept.add(newest);
            }
            return kept;
        }
    }
}
