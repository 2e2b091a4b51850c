package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.twophase.PreparedTransactions;

/**
 * The apply thread's way to take all locks from a leader's transactions, which what it applies needs. What is prepared gets
 * its locks back before any other transaction gets some.
 */
public final class LockPause {
    private final ActiveTransactions activeTransactions;
    private final PreparedTransactions preparedTransactions;

    public LockPause(ActiveTransactions activeTransactions, PreparedTransactions preparedTransactions) {
        this.activeTransactions = activeTransactions;
        this.preparedTransactions = preparedTransactions;
    }

    /** What is prepared here has not all its locks, where this leads: no other transaction may have them. */
    void holdAgain() {
        if (activeTransactions.term() != 0) {
            hold("it stood in the way of a transaction over shards", () -> {});
        }
    }

    /**
     * Lets go of everything for {@code work}; what is prepared gets its locks back before any other transaction gets some. No other
     * does before all is applied that was on its way to the log ({@link ActiveTransactions}).
     */
    void hold(String why, Runnable work) {
        long term = activeTransactions.term();
        activeTransactions.pause();
        try {
            activeTransactions.rollBack(open -> true, why);
            work.run();
            if (term != 0) {
                preparedTransactions.hold(term);
            }
        } finally {
            activeTransactions.resume();
        }
    }
}
