package io.tunabledb.engine.shard.held;

/**
 * Work that holds locks in the leader's storage from its first statement until its log entry is applied. Lives in
 * {@link ActiveTransactions} until then.
 */
public sealed interface ActiveWork permits ActiveTransaction, ActiveSchemaChange {

    /** The term it began in; it can only take effect in that one. */
    long term();

    /**
     * The first half of {@link #rollBack}: from now on its owner can't propose it, and what its statements find is no result. Its
     * locks are still there. Waits for nothing.
     */
    void condemn(String why);

    /** Undoes it and lets go of its locks, if it has not taken effect yet. Waits for a running statement to stop. */
    void rollBack(String why);

    /**
     * The same, unless its entry was handed to the log, by now or in this very moment: what is in the log and has lost its
     * locks could be overwritten by who read the rows of before.
     *
     * @return whether it is undone, by this or by somebody before
     */
    boolean rollBackOpen(String why);

    /** Whether it was undone when its entry had been handed to the log: that may still come. */
    boolean isLostInLog();

    /** Whether its entry was handed to the log: from then on only the log decides. */
    boolean isProposed();

    /** Whether it may yet take effect or be undone: it is not in storage, nor prepared there, nor given up. */
    boolean isUndecided();
}
