package io.tunabledb.engine.h2.statement;

import io.tunabledb.engine.h2.internals.H2Tree;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Looks up which storage session another one waits for, and wakes those that wait for one whose transaction has ended. H2
 * tells a session's blocker, too, but until the waiter runs again, which on a busy machine is later than the end of the
 * blocker's transaction: by then the same session may have begun another one, for which no session waits. Only a transaction that is still open is waited for.
 */
public final class StorageWaits {
    private StorageWaits() {}

    /** The number of the storage session that has the row this one waits for; 0 when it waits for none. From any thread. */
    public static int blocker(SessionLocal session) {
        Transaction waiting = open(session);
        Transaction blocker = waiting == null ? null : blockerOf(waiting);
        // in this order: a session's number is given to the next transaction only after the last one is closed
        int owner = waiting == null ? 0 : waiting.getBlockerId();
        boolean isHeld = blocker != null
                && blocker.getStatus() != Transaction.STATUS_CLOSED
                && waiting != null
                && blockerOf(waiting) == blocker;
        return isHeld ? owner : 0;
    }

    /** The session's transaction; null when it has none. By the thread that has locked the session. */
    public static @Nullable Transaction open(SessionLocal session) {
        return H2Tree.TRANSACTION.of(session, Transaction.class);
    }

    /**
     * Wakes the sessions that wait for a transaction that has ended. H2 does so too, but not always: a waiter that is missed goes on
     * waiting for a transaction that is closed until its lock timeout.
     */
    @SuppressWarnings("NakedNotify") // what has changed is the transaction's state, which the waiters look at
    public static void wake(@Nullable Transaction ended) {
        if (ended != null) {
            synchronized (ended) {
                ended.notifyAll();
            }
        }
    }

    private static @Nullable Transaction blockerOf(Transaction waiting) {
        return H2Tree.BLOCKER.of(waiting, Transaction.class);
    }
}
