package io.tunabledb.engine.h2;

import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.DefiningSessions;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Table;

/**
 * Executes definitions on the leader. Its exclusive locks are taken before the entry is proposed, so that the apply
 * thread does not meet a lock whose owner waits for the apply thread.
 *
 * <p>H2's own DDL lets go of locks for a moment when it begins. So the caller must also admit no new writing transaction
 * from {@link #lock} until {@link #define} returns.
 */
public final class Definer implements AutoCloseable {
    private final Storage storage;
    private final DefiningSessions sessions;
    private final JdbcConnection connection;
    private final SessionLocal session;
    /** Whether the session is no longer this one's. Guarded by the session's lock. */
    private boolean isClosed;

    Definer(Storage storage, DefiningSessions sessions) throws SQLException {
        this.storage = storage;
        this.sessions = sessions;
        connection = sessions.take();
        session = H2Instance.session(connection);
    }

    /**
     * Takes exclusive locks.
     *
     * @param tables empty means all; unknown names are passed over
     * @param timeout for all of them together
     * @return false when some session holds one: nothing is locked then, and {@link Storage#holders} says who
     */
    public boolean lock(List<TableName> tables, Duration timeout) {
        long deadline = RunningTime.nanos() + timeout.toNanos();
        session.lock();
        int before = session.getLockTimeout();
        try {
            for (MVTable table : find(tables)) {
                lock(table, deadline);
            }
            return true;
        } catch (DbException e) {
            session.rollback();
            if (e.getErrorCode() == ErrorCode.LOCK_TIMEOUT_1 || e.getErrorCode() == ErrorCode.DEADLOCK_1) {
                return false;
            }
            throw e;
        } finally {
            session.setLockTimeout(before);
            session.unlock();
        }
    }

    /** H2 counts the time in which the process was stopped: no session could let go of a lock meanwhile, so it waits on. */
    private void lock(MVTable table, long deadline) {
        while (true) {
            long left = Math.max(1, (deadline - RunningTime.nanos()) / 1_000_000);
            session.setLockTimeout((int) Math.min(left, Integer.MAX_VALUE));
            try {
                table.lock(session, Table.EXCLUSIVE_LOCK);
                return;
            } catch (DbException e) {
                if (e.getErrorCode() != ErrorCode.LOCK_TIMEOUT_1 || deadline - RunningTime.nanos() <= 0) {
                    throw e;
                }
            }
        }
    }

    /** Whether a statement waits for a table that is locked here. From any thread. */
    public boolean keepsWaiting(Writer writer) {
        Table wanted = writer.waitsFor();
        return wanted != null && wanted.isLockedExclusivelyBy(session);
    }

    private List<MVTable> find(List<TableName> names) {
        if (names.isEmpty()) {
            List<MVTable> all = new ArrayList<>(Tables.replicated(storage.database()));
            all.removeIf(table -> table.getSchema().getName().equals(ReservedNames.INTERNAL_SCHEMA));
            return all;
        }
        List<MVTable> found = new ArrayList<>();
        for (TableName name : new TreeSet<>(names)) { // always in one order
            MVTable table = Tables.lookUp(storage.database(), name);
            if (table != null) {
                found.add(table);
            }
        }
        return found;
    }

    /**
     * As {@link Storage#define(LedgerRow, SchemaChange, Function)}, in the session that holds the locks. They are released
     * when it returns, but not when it throws.
     */
    public SchemaChangeResult define(
            LedgerRow row, SchemaChange definition, Function<SchemaChangeResult, byte[]> outcome) {
        SchemaChangeResult result =
                storage.definitions().execute(connection, row, definition, outcome, storage.trying()::shardingRefusal);
        storage.committed().tidy();
        return result;
    }

    /**
     * On a trial copy: the rules of sharding are looked at afterwards.
     *
     * @param patience storage ends a statement that takes longer; zero: none
     */
    SchemaChangeResult defineUnruled(LedgerRow row, SchemaChange definition, Duration patience) {
        session.setQueryTimeout((int) Math.min(patience.toMillis(), Integer.MAX_VALUE));
        try {
            return storage.definitions()
                    .execute(connection, row, definition, SchemaChangeResult::encode, (type, settings, any) -> null);
        } finally {
            session.setQueryTimeout(0);
        }
    }

    /** {@link #define(LedgerRow, SchemaChange, Function)} with the encoded result as outcome. */
    public SchemaChangeResult define(LedgerRow row, SchemaChange definition) {
        return define(row, definition, SchemaChangeResult::encode);
    }

    /** Lets go of the locks. From any thread, also while or after the owner closes this, which does the same. */
    public void release() {
        session.lock();
        try {
            if (!session.isClosed() && !isClosed) {
                session.rollback();
            }
        } finally {
            session.unlock();
        }
    }

    @Override
    public void close() {
        session.lock();
        try {
            if (isClosed) {
                return;
            }
            isClosed = true;
        } finally {
            session.unlock();
        }
        try {
            sessions.giveBack(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("can't end an H2 session", e);
        }
    }
}
