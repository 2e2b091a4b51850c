package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.internals.DeadlockMark;
import io.tunabledb.engine.h2.row.ChangeSet;
import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.statement.StorageWaits;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.h2.table.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open transaction of a storage session: committed with its ledger row, ended without one, or undone. Whoever waits for
 * its locks is woken.
 */
final class StorageTransaction {
    private static final Logger LOG = LoggerFactory.getLogger(StorageTransaction.class);

    private final Storage storage;
    private final SessionLocal session;
    private final TransactionChanges changes;

    StorageTransaction(Storage storage, SessionLocal session, TransactionChanges changes) {
        this.storage = storage;
        this.session = session;
        this.changes = changes;
    }

    /** Its entry is committed in the log: adds the ledger row and commits. On the apply thread. */
    void commit(LedgerRow row) {
        session.lock();
        try {
            DeadlockMark.clear(session.getTransaction());
            storage.ledger().insert(session, row);
            keepOnCommit();
            Transaction ended = StorageWaits.open(session);
            session.commit(false);
            StorageWaits.wake(ended);
            changes.logged(row.term());
            changes.committed();
        } catch (RuntimeException e) {
            throw new IllegalStateException("can't commit entry " + row.index() + ": " + e.getMessage(), e);
        } finally {
            session.unlock();
        }
        storage.committed().applied(row);
    }

    /** Where it is now; 0 before it has begun. */
    long savepoint() {
        session.lock();
        try {
            return session.hasPendingTransaction() ? session.getTransaction().setSavepoint() : 0;
        } finally {
            session.unlock();
        }
    }

    /** Makes what another leader prepared, with its locks, against definitions too; nothing is checked. On the apply thread. */
    void hold(byte[] prepared) {
        session.lock();
        try {
            if (prepared.length > 0) {
                for (NetEffects.TableEffects table : ChangeSet.decode(prepared, session, new Tables(storage.database()))
                        .tables()) {
                    table.table().lock(session, Table.WRITE_LOCK);
                    ChangeSet.write(session, table);
                }
            }
            changes.made();
        } catch (RuntimeException e) {
            session.rollback();
            throw new IllegalStateException("can't hold a prepared transaction: " + e.getMessage(), e);
        } finally {
            session.unlock();
        }
    }

    /** Ends it, which has changed nothing that is logged; rows of the session's own temporary tables stay. */
    void endUnchanged() {
        session.lock();
        try {
            keepOnCommit();
            Transaction ended = StorageWaits.open(session);
            session.commit(false);
            StorageWaits.wake(ended);
        } finally {
            session.unlock();
        }
    }

    /** Ends it when only a setting has begun it. */
    void endSettings() {
        session.lock();
        try {
            if (!session.isClosed() && !session.hasPendingTransaction()) {
                session.commit(false);
            }
        } finally {
            session.unlock();
        }
    }

    /** H2 does what tables say ON COMMIT in a transaction that has begun only. */
    private void keepOnCommit() {
        if (!session.getLocalTempTables().isEmpty()) {
            session.getTransaction();
        }
    }

    /** Undoes it and lets go of its locks. */
    void rollback() {
        session.lock();
        try {
            if (!session.isClosed() && !storage.isShut()) {
                Transaction ended = StorageWaits.open(session);
                session.rollback();
                StorageWaits.wake(ended);
                endSnapshot();
                // forget a cancel that came too late for the statement it meant
                session.setQueryTimeout(session.getQueryTimeout());
                changes.rolledBack();
            }
        } catch (RuntimeException e) {
            if (!storage.isShut()) {
                throw e;
            }
            // everything is gone with the storage
            LOG.debug("a transaction of a storage that has been closed was not rolled back", e);
        } finally {
            session.unlock();
        }
    }

    /** After a rollback H2 would take what a query gave in that transaction's snapshot for what it gives in the next. */
    void endSnapshot() {
        if (!session.getIsolationLevel().allowNonRepeatableRead()) {
            session.getTransaction();
            session.commit(false);
        }
    }
}
