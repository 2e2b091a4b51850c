package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.LedgerRow;
import io.tunabledb.engine.h2.TableName;
import io.tunabledb.engine.h2.Writer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A client's transaction on the leader: open in storage, with its row locks, until its entry is applied.
 *
 * <p>The races, on paper. Owner against apply: the owner proposes with {@link #propose} (OPEN to PROPOSED) and touches
 * the storage session no more; apply commits it (PROPOSED to COMMITTED). Owner against leader change: both go through
 * the state, whoever moves it from OPEN wins; the loser sees ROLLED_BACK. Statement against rollback: the owner runs
 * statements under {@link #lock} after checking the state, the rollback first moves the state, then cancels, then takes
 * the lock, so no statement can start a fresh storage transaction behind its back.
 */
public final class HeldTransaction implements Held {
    private enum State {
        OPEN,
        PROPOSED,
        COMMITTED,
        ROLLED_BACK
    }

    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final long startedNanos = System.nanoTime();
    private final long term;
    private final long session;
    private final Writer writer;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final ReentrantLock lock = new ReentrantLock();
    /** What its LINEARIZABLE statements have read. By the owner. */
    private volatile @Nullable ReadSet reads;

    private volatile long beganAt;
    private volatile String lostBecause = "it was rolled back";
    /** Guarded by {@link #lock}. */
    private boolean undone;

    HeldTransaction(long term, long session, Writer writer) {
        this.term = term;
        this.session = session;
        this.writer = writer;
    }

    /** Its number in this process, in order of beginning. */
    public long id() {
        return id;
    }

    /** The client session it belongs to. */
    public long session() {
        return session;
    }

    /** OPEN, PROPOSED, COMMITTED or ROLLED_BACK; the latter two for a moment only, until it is forgotten. */
    public String phase() {
        return String.valueOf(state.get());
    }

    /** Since when it holds its locks. */
    public long ageNanos() {
        return System.nanoTime() - startedNanos;
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public boolean isProposed() {
        State now = state.get();
        return now == State.PROPOSED || now == State.COMMITTED;
    }

    /** The storage session; run statements on it only between {@link #enter} and {@link #leave}. */
    public Writer writer() {
        return writer;
    }

    /** What its LINEARIZABLE statements have read; null while it had none. */
    public @Nullable ReadSet reads() {
        return reads;
    }

    /** For the first of its LINEARIZABLE statements. By the owner. */
    public ReadSet startReads() {
        ReadSet known = reads;
        if (known == null) {
            known = new ReadSet();
            reads = known;
        }
        return known;
    }

    /** The position of the shard's history before its first statement. */
    long beganAt() {
        return beganAt;
    }

    void beganAt(long position) {
        beganAt = position;
    }

    /** Why it was rolled back. */
    public String lostBecause() {
        return lostBecause;
    }

    /** Whether the owner may still use it. */
    public boolean isOpen() {
        return state.get() == State.OPEN;
    }

    /** Enters for one statement; false when it has been rolled back. */
    @SuppressWarnings("LockNotBeforeTry") // held until leave(), which callers put in a finally
    public boolean enter() {
        lock.lock();
        if (state.get() == State.OPEN) {
            return true;
        }
        lock.unlock();
        return false;
    }

    /** Whether a statement runs on it now. */
    boolean isBusy() {
        return lock.isLocked();
    }

    /** Whether its statement is a query that waits for a row, and it has locked none of {@code tables}. */
    boolean waitsToReadBeside(Set<TableName> tables) {
        return isBusy()
                && writer.isBlockedQuery()
                && writer.lockedTables().stream().noneMatch(tables::contains);
    }

    /** Leaves after a statement. */
    public void leave() {
        lock.unlock();
    }

    /** From now on only the log decides; false when it has been rolled back. */
    boolean propose() {
        return state.compareAndSet(State.OPEN, State.PROPOSED);
    }

    /** On the apply thread: takes effect together with its ledger row; false when it was rolled back before. */
    boolean commit(LedgerRow row) {
        if (!state.compareAndSet(State.PROPOSED, State.COMMITTED)) {
            return false;
        }
        writer.commit(row);
        return true;
    }

    /** By the owner: there is nothing to log. */
    void endUnchanged() {
        if (state.compareAndSet(State.OPEN, State.COMMITTED)) {
            writer.endUnchanged();
        }
    }

    @Override
    public void rollBack(String why) {
        if (state.compareAndSet(State.OPEN, State.ROLLED_BACK)
                || state.compareAndSet(State.PROPOSED, State.ROLLED_BACK)) {
            lostBecause = why;
            writer.cancel();
        } else if (state.get() != State.ROLLED_BACK) {
            return;
        }
        lock.lock();
        try {
            // whoever comes first undoes it: nobody may go on, close the storage or use the writer before that
            if (!undone) {
                undone = true;
                writer.rollback();
            }
        } finally {
            lock.unlock();
        }
    }
}
