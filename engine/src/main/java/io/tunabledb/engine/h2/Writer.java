package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.internals.DeadlockMark;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.internals.SequenceState;
import io.tunabledb.engine.h2.internals.SessionLock;
import io.tunabledb.engine.h2.readset.ReadAnalysis;
import io.tunabledb.engine.h2.readset.StatementReads;
import io.tunabledb.engine.h2.readset.WriteSet;
import io.tunabledb.engine.h2.row.ForeignChanges;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.h2.statement.FirstStatement;
import io.tunabledb.engine.h2.statement.RowWait;
import io.tunabledb.engine.h2.statement.SessionTables;
import io.tunabledb.engine.h2.statement.StorageWaits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.h2.api.ErrorCode;
import org.h2.command.Command;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * A client session on the leader's H2. Statements run on {@link #connection()}; the transaction stays open, with its
 * locks, until its log entry is applied. The owner calls {@link #changes}, proposes them, and waits; the apply thread
 * calls {@link #commit}. Nobody else ends the transaction, except by {@link #rollback}.
 *
 * <p>H2 itself rolls the whole transaction back when it picks it as a deadlock's victim: callers pass every statement's
 * failure through {@link #failed}, which says so with SQLSTATE 40001.
 */
public final class Writer implements AutoCloseable {
    private final Storage storage;
    private final JdbcConnection connection;
    private final SessionLocal session;
    private final RowWait rowWait;

    private final TransactionChanges changes;
    private final StorageTransaction transaction;
    private final OwnWrites own;
    private final SessionTables tables;

    /** Settles the transaction before. By the owner. */
    private Runnable settlement = () -> {};

    /** Closes this when the transaction has ended. By the owner. */
    private Runnable surrender = this::close;

    Writer(Storage storage, JdbcConnection connection) throws SQLException {
        this.storage = storage;
        this.connection = connection;
        connection.setAutoCommit(false);
        session = H2Instance.session(connection);
        rowWait = new RowWait(session);
        changes = new TransactionChanges(storage, session);
        own = new OwnWrites(storage, session);
        tables = new SessionTables(session);
        transaction = new StorageTransaction(storage, session, changes);
    }

    /** Where statements run: autocommit is off, and callers never commit or roll back on it. Savepoints are fine. */
    public Connection connection() {
        return connection;
    }

    /**
     * Another transaction begins here. Whoever rolls the one before back on another thread may not have come to undo it, and
     * would undo this one with it. By the owner.
     *
     * @param settle sees to it that this one is undone, if it is to be; run when the next begins
     * @param giveUp closes this as soon as this one has ended; run when the owner {@linkplain #abandon gives it up}
     */
    public void handTo(Runnable settle, Runnable giveUp) {
        settlement.run();
        settlement = settle;
        surrender = giveUp;
    }

    /** Sets the isolation of the next transaction. By the owner, between two. */
    public void isolate(int isolation) throws SQLException {
        settlement.run(); // H2 would commit what is still open of the one before
        connection.setTransactionIsolation(isolation);
    }

    /**
     * Fixes what the transaction sees, of every table, before its first statement; its isolation is SNAPSHOT or SERIALIZABLE. By
     * its owner, or by the apply thread while the owner waits.
     */
    public void pinNow() throws SQLException {
        // a setting that reached the connection has opened a snapshot
        transaction.endSnapshot();
        try (PreparedStatement first = FirstStatement.prepare(connection)) {
            first.execute();
        }
    }

    /**
     * What a statement's failure is to the transaction. SQLSTATE 40001: the whole transaction has been rolled back.
     * Anything else: the statement has, and the transaction goes on. By the owner, after each failed statement.
     */
    public SQLException failed(SQLException e) {
        session.lock();
        try {
            boolean isMarked = session.hasPendingTransaction() && DeadlockMark.isOn(session.getTransaction());
            if (isMarked || DeadlockMark.isCauseOf(e)) {
                rollback();
                return new SQLTransactionRollbackException(
                        "rolled back to end a deadlock: " + e.getMessage(), "40001", ErrorCode.DEADLOCK_1, e);
            }
            return e;
        } finally {
            session.unlock();
        }
    }

    /** What the transaction writes in the engine's own tables. By the owner. */
    public OwnWrites own() {
        return own;
    }

    /** {@link OwnWrites#lockOutboxMark}. */
    public long lockOutboxMark(long incarnation) throws SQLException {
        return own.lockOutboxMark(incarnation);
    }

    /** {@link OwnWrites#raiseOutboxMark}. */
    public void raiseOutboxMark(int node, long incarnation, long number) throws SQLException {
        own.raiseOutboxMark(node, incarnation, number);
    }

    /**
     * The transaction's net effects, rows and moved sequences, to be proposed; null when it has none. By the owner, once,
     * when no more statements will run.
     */
    public byte @Nullable [] changes() {
        session.lock();
        try {
            return changes.capture();
        } finally {
            session.unlock();
        }
    }

    /** The tables and keys that {@link #changes} found changed. By the owner, after it. */
    public WriteSet writeSet() {
        return changes.writeSet();
    }

    /** How many bytes the rows that {@link #changes} found changed take more than before; 0 when less. By the owner, after it. */
    public long growth() {
        return changes.growth();
    }

    /**
     * What the checks of foreign keys have read for the changes that {@link #changes} found. H2 locks neither the parent
     * of a new child nor the absence of children of a parent that goes. By the owner, after it.
     */
    public StatementReads references() {
        return changes.references();
    }

    /**
     * What a statement has read that was executed last on {@link #connection}. By the owner.
     *
     * @param names the tables its text names, as {@code SCHEMA.NAME}, once for each time, with those behind views
     * @param found whether it changed rows, or gave rows; null when it failed
     */
    public StatementReads reads(PreparedStatement statement, List<String> names, @Nullable Boolean found)
            throws SQLException {
        session.lock();
        try {
            ReadAnalysis analysis = new ReadAnalysis(session, storage.keys(), statement, names);
            return found == null ? analysis.failed() : analysis.succeeded(found);
        } finally {
            session.unlock();
        }
    }

    /**
     * Takes values from a sequence one after the other, for use elsewhere; nobody else gets them, and the positions go with
     * {@link #changes}. By the owner.
     *
     * @param count how many; 0 only looks
     * @return where the sequence stood before
     * @throws SQLException 90006 when there are not as many left
     */
    public SequenceState takeValues(SequenceName name, long count) throws SQLException {
        return SessionLock.under(
                session, () -> SequenceState.take(storage.sequences().find(name), count, session));
    }

    /** The session's own temporary tables. By the owner, who asks after each definition of one. */
    public List<TemporaryTable> temporaryTables() throws SQLException {
        return tables.all();
    }

    /** Drops a local temporary table as the end of the session would, in or outside a transaction. By the owner. */
    public void forgetTemporaryTable(String name) throws SQLException {
        tables.forget(name);
    }

    /** Whether a text is DROP INDEX of an index that only the session's own temporary tables have. By the owner. */
    public boolean dropsOwnIndex(String sql) throws SQLException {
        return tables.loseIndexBy(sql);
    }

    /** Where the transaction is now, for {@link #changesSince}. By the owner. */
    public long mark() {
        return transaction.savepoint();
    }

    /**
     * The net effects on some tables of what ran since a mark, for {@link #write} in other shards; null when there are none.
     * Sequences are not among them. By the owner.
     */
    public byte @Nullable [] changesSince(long mark, Predicate<TableName> which) {
        session.lock();
        try {
            return changes.since(mark, which);
        } finally {
            session.unlock();
        }
    }

    /**
     * The proposed entry is committed in the log: adds its ledger row to the transaction and commits it. On the apply
     * thread, while the owner waits.
     */
    public void commit(LedgerRow row) {
        transaction.commit(row);
    }

    /**
     * The proposed Prepare entry is committed in the log: the sequences it carries are where the log has them. The
     * transaction stays open. On the apply thread, while the owner waits.
     */
    void prepared(long term) {
        changes.logged(term);
    }

    /**
     * Makes the changes of a transaction that another leader prepared, and so takes its locks, against definitions too.
     * Nothing is checked: it was. On the apply thread, in a new session.
     *
     * @throws IllegalStateException a table or row is not as the changes expect it: this replica is broken
     */
    public void hold(byte[] prepared) {
        transaction.hold(prepared);
    }

    /**
     * Makes changes that were captured in another shard, with their row keys: the copy of a table that every shard has.
     * Waits for rows others have locked. Constraints are checked as if the rows had been changed here, and what deletes
     * or updates cascade to, in this shard's own tables, is changed too. Sequences stay as they are. By the owner.
     *
     * @param changes what {@link #changes} gave there
     * @throws SQLException a constraint is violated here, or a lock can't be had; the transaction may have to be rolled
     *     back, see {@link #failed}
     */
    public void write(byte[] changes) throws SQLException {
        SessionLock.under(session, () -> {
            new ForeignChanges(session, new Tables(storage.database())).make(changes);
            return true;
        });
    }

    /**
     * Ends a transaction that has no {@linkplain #changes changes} to log; rows of the session's own temporary tables
     * stay. By the owner.
     */
    public void endUnchanged() {
        transaction.endUnchanged();
    }

    /**
     * Ends the transaction that a setting began in an idle session: it would take one of the few that H2 has room for, for
     * as long as the session is idle. One that has changed rows stays: it may be prepared. By the owner, between two.
     */
    public void endSettings() {
        transaction.endSettings();
    }

    /** Undoes the transaction and lets go of its locks. From any thread; first waits for a running statement to end. */
    public void rollback() {
        transaction.rollback();
    }

    /** Whether the storage is closed, and this transaction gone with it. From any thread. */
    public boolean isShut() {
        return storage.isShut();
    }

    /**
     * Makes a running statement end soon with SQLSTATE 57014, or HYT00 when it waits for a row. Storage may miss it between
     * two statements, or before a wait. From any thread.
     */
    public void cancel() {
        if (session.getCurrentCommand() != null) {
            session.cancel();
        }
        rowWait.end();
    }

    /** The calling thread begins to use it. */
    public void enter() {
        rowWait.enter();
    }

    /** The thread that uses it ends that. */
    public void leave() {
        rowWait.leave();
    }

    /** How long a statement waits for a row at least; storage counts whole milliseconds, so it may be one less. */
    public long lockTimeoutNanos() {
        return TimeUnit.MILLISECONDS.toNanos(Math.max(0, session.getLockTimeout() - 1));
    }

    /** Whether a statement is waiting for a row another transaction has locked. From any thread. */
    public boolean isBlocked() {
        return session.getBlockingSessionId() != 0;
    }

    /** Its storage session's number, unique in its database. */
    public int number() {
        return session.getId();
    }

    /** The {@link #number} of the storage session whose lock a statement is waiting for; 0 when it waits for none. From any thread. */
    public int blocker() {
        return StorageWaits.blocker(session);
    }

    /**
     * Whether a query that can write nothing is waiting for a row another transaction has locked. By then it has locked
     * all its tables. From any thread.
     */
    public boolean isBlockedQuery() {
        Command command = session.getCurrentCommand();
        return command != null
                && isBlocked()
                && command.isQuery()
                // FINAL TABLE (UPDATE …) is a query that writes
                && !command.toString().toUpperCase(Locale.ROOT).contains("TABLE");
    }

    /** The table whose lock a statement is waiting for, or null. From any thread. */
    @Nullable
    Table waitsFor() {
        return session.getWaitForLock();
    }

    /** The tables the transaction has locked against definitions. From any thread. */
    public Set<TableName> lockedTables() {
        return session.isClosed()
                ? Set.of()
                : session.getLocks().stream().map(Tables::nameOf).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The owner gives up: the transaction was proposed and not answered, so it belongs to the apply thread, which will
     * commit it or roll it back. Then this is closed, and at the latest with the storage.
     */
    public void abandon() {
        storage.abandoned(connection);
        surrender.run();
    }

    /** Rolls back and closes the connection. */
    @Override
    public void close() {
        storage.closed(connection);
        try {
            connection.close();
        } catch (SQLException e) {
            // a replica that stops meanwhile has closed it, with all others
            if (!SqlErrors.isOfClosedStorage(e)) {
                throw new IllegalStateException("can't close an H2 session", e);
            }
        }
    }
}
