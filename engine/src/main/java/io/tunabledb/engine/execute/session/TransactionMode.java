package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.h2.sql.Isolation;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/** How a session's statements make up transactions: autocommit, read-only, H2's isolation, and the open one's level. */
public final class TransactionMode {
    private final boolean isSharded;
    private boolean autoCommit = true;
    private boolean readOnly;
    private int isolation = Connection.TRANSACTION_READ_COMMITTED;
    private @Nullable Rung rung;

    TransactionMode(boolean isSharded) {
        this.isSharded = isSharded;
    }

    /** Whether every statement is a transaction of its own; true at first. */
    public boolean isAutoCommit() {
        return autoCommit;
    }

    /** Ends or begins nothing: that is the caller's. */
    public void autoCommit(boolean each) {
        autoCommit = each;
    }

    /** Whether the session only reads. */
    public boolean isReadOnly() {
        return readOnly;
    }

    public void readOnly(boolean only) {
        readOnly = only;
    }

    /** Whether the session only reads, in transactions: then a snapshot of any replica serves all of one. */
    public boolean keepsSnapshot() {
        return readOnly && !autoCommit;
    }

    /** H2's isolation for writing transactions, as a constant of {@link Connection}. */
    public int isolation() {
        return isolation;
    }

    public void isolation(int chosen) {
        isolation = chosen;
    }

    /** SET TRANSACTION CONSISTENCY, or null. */
    public @Nullable Rung rung() {
        return rung;
    }

    public void rung(@Nullable Rung chosen) {
        rung = chosen;
    }

    /** H2's isolation for the next writing transaction: a SNAPSHOT transaction needs H2's. */
    public int effectiveIsolation() {
        Rung chosen = rung;
        // REPEATABLE READ fixes each table when it is first read, which over shards would be as many moments
        boolean isSnapshot = (chosen != null && chosen.level() == Level.SNAPSHOT)
                || (isolation == Connection.TRANSACTION_REPEATABLE_READ && isSharded);
        return isSnapshot ? Isolation.SNAPSHOT : isolation;
    }

    /** Whether reads before the first write must already run in the transaction on the leader. */
    public boolean readsNeedTransaction() {
        // a read-only transaction at level SNAPSHOT keeps a snapshot of any replica instead
        int needed = readOnly ? isolation : effectiveIsolation();
        return !autoCommit && needed > Connection.TRANSACTION_READ_COMMITTED;
    }
}
