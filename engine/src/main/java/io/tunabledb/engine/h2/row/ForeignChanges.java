package io.tunabledb.engine.h2.row;

import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.h2.row.NetEffects.RowEffect;
import io.tunabledb.engine.h2.row.NetEffects.TableEffects;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Changes captured in another shard, made here in an open transaction. All rows are put in their places first and the
 * foreign keys checked then, so the order of tables and rows does not matter, as it does not in one statement.
 */
public final class ForeignChanges {
    private static final long RETRY_NANOS = 1_000_000;

    private final SessionLocal session;
    private final Tables tables;

    public ForeignChanges(SessionLocal session, Tables tables) {
        this.session = session;
        this.tables = tables;
    }

    /** Makes them all or, by throwing, none. */
    public void make(byte[] changes) {
        long deadline = RunningTime.nanos() + session.getLockTimeout() * 1_000_000L;
        while (true) {
            long triedNanos = System.nanoTime();
            SessionLocal.Savepoint before = session.setSavepoint();
            try {
                makeOnce(changes);
                return;
            } catch (DbException e) {
                if (e.getErrorCode() != ErrorCode.DEADLOCK_1) {
                    session.rollbackTo(before);
                }
                // an uncommitted row has a unique value of ours: as H2 does, look again until it comes or goes
                boolean isAgain = e.getErrorCode() == ErrorCode.CONCURRENT_UPDATE_1 || isRunOut(e, triedNanos);
                if (!isAgain || RunningTime.nanos() - deadline > 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** Whether a wait for a lock ended by the wall clock, which a pause of the process may have run out, and by no cancel. */
    private boolean isRunOut(DbException e, long sinceNanos) {
        return e.getErrorCode() == ErrorCode.LOCK_TIMEOUT_1
                && System.nanoTime() - sinceNanos >= (session.getLockTimeout() - 1) * 1_000_000L;
    }

    private void makeOnce(byte[] changes) {
        List<TableEffects> all =
                ChangeSet.decode(changes, session, tables, this::locked).tables();
        for (TableEffects effects : all) {
            effects.table().lock(session, Table.WRITE_LOCK);
            ChangeSet.writeGuarded(session, effects);
        }
        for (TableEffects effects : all) {
            for (RowEffect effect : effects.rows()) {
                effects.table().fireAfterRow(session, effect.before(), effect.after(), false);
            }
        }
    }

    private @Nullable Row locked(MVTable table, TransactionMap<Long, SearchRow> rows, long key) {
        Row row = Rows.find(rows, key);
        if (row == null) {
            return null;
        }
        table.lock(session, Table.WRITE_LOCK);
        Row locked = table.lockRow(session, row, -1);
        if (locked != null) {
            locked.setKey(key);
        }
        return locked;
    }
}
