package io.tunabledb.engine.shard;

/** For tests of other packages: a leader that lets nobody in for a while, as one does in the middle of a schema change. */
public final class Admission {
    private Admission() {}

    /** Until it is closed. */
    public static AutoCloseable closed(Replica leader) {
        leader.activeTransactions().pause();
        return leader.activeTransactions()::resume;
    }
}
