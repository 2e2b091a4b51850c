package io.tunabledb.engine.shard;

/**
 * What every commit passes at the leader of its shard (one over several shards at its home only): in before its first
 * entry is proposed, out when its last is applied, so that nobody inside means that nothing is under way. A cut through
 * all shards closes the gates of all of them; several may be taken at once, and the gate opens after the last.
 */
public final class CommitGate {
    private final ReadGate gate = new ReadGate();
    private int cuts;

    CommitGate() {}

    /**
     * Enters before a commit's first entry is proposed; waits while a cut is being taken.
     *
     * @return to be given to {@link #exit}; negative when the gate stayed closed until the deadline
     */
    public int enter(Deadline deadline) throws InterruptedException {
        int stripe = ReadGate.stripe();
        return gate.enter(stripe, deadline) ? stripe : -1;
    }

    /** The commit's last entry is applied, or nobody knows what becomes of it. From any thread. */
    public void exit(int entered) {
        gate.exit(entered);
    }

    /** Admits no commit from now on, until {@link #open}. */
    public synchronized void close() {
        if (cuts++ == 0) {
            gate.close();
        }
    }

    /** Ends one {@link #close}. */
    public synchronized void open() {
        if (--cuts == 0) {
            gate.open();
        }
    }

    /** Waits until no commit is inside; false when the deadline came first. */
    public boolean awaitEmpty(Deadline deadline) throws InterruptedException {
        return gate.awaitEmpty(deadline);
    }
}
