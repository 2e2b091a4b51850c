package io.tunabledb.engine.shard.held;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.PreparedRow;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.shard.validation.ReadSet;
import io.tunabledb.engine.shard.validation.Validation;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A client's transaction on the leader: open in storage, with its row locks, until its entry is applied.
 *
 * <p>The races, on paper. Owner against apply: the owner proposes with {@link #propose} (OPEN to PROPOSED) and touches
 * the storage session no more; apply commits it (PROPOSED to COMMITTED), or, when another shard decides, notes that
 * it is prepared (PROPOSED to PREPARED) and ends it when it is told how. Owner against leader change: both go through
 * the state, whoever moves it from OPEN wins; the loser sees ROLLED_BACK. Statement against rollback: the owner runs
 * statements under {@link #lock} after checking the state, the rollback first moves the state, then cancels, then takes
 * the lock, so no statement can start a fresh storage transaction behind its back.
 */
public final class ActiveTransaction implements ActiveWork {
    private enum State {
        OPEN,
        PROPOSED,
        PREPARED,
        COMMITTED,
        ROLLED_BACK,
        /** Rolled back when its entry was on its way to the log, or in it. */
        LOST;

        boolean canBeUndone() {
            return this == OPEN || this == PROPOSED || this == PREPARED;
        }
    }

    private static State undone(State before) {
        return switch (before) {
            case OPEN, PREPARED -> State.ROLLED_BACK;
            case PROPOSED -> State.LOST;
            case COMMITTED, ROLLED_BACK, LOST -> before;
        };
    }

    private static final int CANCEL_AGAIN_MILLIS = 10;
    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final long startedNanos = System.nanoTime();
    private final long term;
    private final LockOwner owner;
    private final Writer writer;
    private final Places.@Nullable Place place;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final ReentrantLock lock = new ReentrantLock();
    /** What its LINEARIZABLE statements have read. By the owner. */
    private volatile @Nullable ReadSet reads;

    /** By the owner. */
    private @Nullable Map<String, String> firstSettings;

    private volatile long beganAt;
    private volatile @Nullable Coordinated coordinated;
    private volatile Validation.@Nullable Guard guard;
    private volatile String lostBecause = "it was rolled back";
    /** How many statements have begun. Written by the owner. */
    private volatile long statements;

    private final Object ending = new Object();
    /** Closes the writer; null while its owner uses it. Guarded by {@link #ending}. */
    private @Nullable Runnable closeWriter;
    /** Guarded by {@link #ending}. */
    private boolean isOver;
    /** Written under {@link #lock}. */
    private volatile boolean undone;

    /**
     * @param place given back when the transaction has left storage; null for the engine's own, which needs none
     */
    public ActiveTransaction(long term, LockOwner owner, Writer writer, Places.@Nullable Place place) {
        this.term = term;
        this.owner = owner;
        this.writer = writer;
        this.place = place;
    }

    /** What an earlier leader prepared, made again by the next one: nobody owns it, so it closes its writer. */
    public static ActiveTransaction ofEarlierLeader(long term, PreparedRow row, Writer writer, Places.Place place) {
        ActiveTransaction held = new ActiveTransaction(term, LockOwner.now(row.session()), writer, place);
        writer.hold(row.changes());
        held.state.set(State.PREPARED);
        held.closeWriter = writer::close;
        return held;
    }

    /** Its number in this process, in order of beginning. */
    public long id() {
        return id;
    }

    /** The client session it belongs to. */
    public long session() {
        return owner.session();
    }

    /** OPEN, PROPOSED, PREPARED, COMMITTED or ROLLED_BACK; the latter two for a moment only, until it is forgotten. */
    public String phase() {
        State now = state.get();
        return String.valueOf(now == State.LOST ? State.ROLLED_BACK : now);
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
        return now == State.PROPOSED || now == State.PREPARED || now == State.COMMITTED;
    }

    @Override
    public boolean isUndecided() {
        State now = state.get();
        return now == State.OPEN || now == State.PROPOSED || now == State.LOST;
    }

    /** What home knows of a transaction over shards before it is decided. */
    private record Coordinated(TransactionId transactionId, Deadline deadline) {}

    /**
     * By the owner, before any shard is asked to prepare: this is the home's part of a transaction over shards, which will
     * be undone when somebody asks for it after {@code deadline} and it is not decided.
     */
    public void coordinate(TransactionId transactionId, Deadline deadline) {
        coordinated = new Coordinated(transactionId, deadline);
    }

    /** Whether it is the home's part of that transaction over shards. */
    boolean isHomeOf(TransactionId transactionId) {
        Coordinated known = coordinated;
        return known != null && known.transactionId.equals(transactionId);
    }

    /** Whether its coordinator has had its time; false when it coordinates nothing. */
    public boolean isOverdue() {
        Coordinated known = coordinated;
        return known != null && known.deadline.isPast();
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

    /**
     * What it has read, with what the checks of foreign keys have for its changes; null when it had no LINEARIZABLE
     * statement. By the owner, after {@link Writer#changes}.
     */
    public @Nullable ReadSet completeReads() {
        ReadSet known = reads;
        if (known != null) {
            known.add(writer.references(), known.oldest());
        }
        return known;
    }

    /** From before it is prepared it keeps others from what it has read; released when it is finished. */
    public void guardedBy(Validation.Guard protection) {
        guard = protection;
    }

    private void releaseGuard(boolean committed) {
        Validation.Guard protection = guard;
        if (protection != null) {
            protection.release(committed);
        }
    }

    /** The position of the shard's history before its first statement. */
    public long beganAt() {
        return beganAt;
    }

    public void beganAt(long position) {
        beganAt = position;
    }

    /**
     * The settings its storage had when its first statement ran; now, if this is the first. By the owner, inside the gate.
     */
    public Map<String, String> firstSettings(Map<String, String> now) {
        Map<String, String> first = firstSettings;
        if (first == null) {
            first = now;
            firstSettings = now;
        }
        return first;
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
    @SuppressWarnings({
        "LockNotBeforeTry", // held until leave(), which callers put in a finally
        "NonAtomicVolatileUpdate" // under the lock
    })
    public boolean enter() {
        lock.lock();
        if (state.get() == State.OPEN) {
            statements++;
            writer.enter();
            return true;
        }
        lock.unlock();
        return false;
    }

    /** Whether a statement runs on it now. */
    public boolean isBusy() {
        return lock.isLocked();
    }

    /** Whether its statement waits for a row that another has locked. */
    public boolean isWaiting() {
        return isBusy() && writer.isBlocked();
    }

    /** What others see of it that wait for it, or that it waits for. */
    public LockWait.Party party() {
        return new LockWait.Party(owner, id, statements);
    }

    /** Undone if it is still in the statement that was seen waiting; true then. From any thread. */
    public boolean giveWay(LockWait.Party seen, String why) {
        return seen.equals(party()) && isWaiting() && abort(why);
    }

    /** Whether its statement is a query that waits for a row, and it has locked none of {@code tables}. */
    public boolean waitsToReadBeside(Set<TableName> tables) {
        return isBusy()
                && writer.isBlockedQuery()
                && writer.lockedTables().stream().noneMatch(tables::contains);
    }

    /** Leaves after a statement. */
    public void leave() {
        if (lock.getHoldCount() == 1) {
            writer.leave();
        }
        lock.unlock();
    }

    /** From now on only the log decides; false when it has been rolled back. */
    public boolean propose() {
        return state.compareAndSet(State.OPEN, State.PROPOSED);
    }

    /**
     * On the apply thread: its Prepare entry is committed, and another shard decides; false when it was rolled back before.
     */
    public boolean prepare() {
        return state.compareAndSet(State.PROPOSED, State.PREPARED);
    }

    /** On the apply thread: takes effect together with its ledger row; false when it was rolled back before. */
    public boolean commit(LedgerRow row) {
        if (!state.compareAndSet(State.PROPOSED, State.COMMITTED)
                && !state.compareAndSet(State.PREPARED, State.COMMITTED)) {
            return false;
        }
        writer.commit(row);
        releaseGuard(true);
        over();
        return true;
    }

    /** By the owner: there is nothing to log. False when it was rolled back before: then what it has read is no result. */
    public boolean endUnchanged() {
        if (!state.compareAndSet(State.OPEN, State.COMMITTED)) {
            return false;
        }
        writer.endUnchanged();
        over();
        return true;
    }

    /** Undoes it if its owner has not proposed it; false when it is for the log to decide, or is done. */
    public boolean abort(String why) {
        if (!state.compareAndSet(State.OPEN, State.ROLLED_BACK)) {
            return false;
        }
        lostBecause = why;
        rollBack(why);
        return true;
    }

    @Override
    public boolean rollBackOpen(String why) {
        if (abort(why)) {
            return true;
        }
        if (isProposed()) {
            return false;
        }
        // whoever came first may still be at it
        rollBack(why);
        return true;
    }

    @Override
    public boolean isLostInLog() {
        return state.get() == State.LOST;
    }

    @Override
    public void condemn(String why) {
        State before = Objects.requireNonNull(state.getAndUpdate(ActiveTransaction::undone));
        if (before.canBeUndone()) {
            lostBecause = why;
        }
    }

    @Override
    public void rollBack(String why) {
        condemn(why);
        if (state.get() == State.COMMITTED) {
            return;
        }
        lockAfterStatement();
        try {
            // whoever comes first undoes it: nobody may go on, close the storage or use the writer before that
            if (!undone) {
                undone = true;
                writer.rollback();
                releaseGuard(false);
                over();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Storage forgets a cancel that comes just before a statement, or a wait for a row, begins: it is told again. */
    @SuppressWarnings("LockNotBeforeTry") // the caller's finally unlocks
    private void lockAfterStatement() {
        boolean interrupted = false;
        while (!lock.tryLock()) {
            // once it is undone its owner may use the writer for another
            if (!undone) {
                writer.cancel();
            }
            try {
                if (lock.tryLock(CANCEL_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** By the owner, who goes on with the same writer: one that another has rolled back may not be undone yet. */
    public void settle() {
        if (!isProposed() && !isOpen()) {
            rollBack(lostBecause);
        }
    }

    private void leavePlace() {
        if (place != null) {
            place.release();
        }
    }

    /**
     * By the owner, who uses the storage session no more, because it is not known what becomes of the transaction: it is closed
     * when that has ended.
     *
     * @param close closes it; on the thread that ends the transaction, or on this one when it has ended
     */
    public void giveUp(Runnable close) {
        synchronized (ending) {
            closeWriter = close;
            if (!isOver) {
                return;
            }
        }
        close.run();
    }

    /** Its effects are in storage, or undone. */
    private void over() {
        leavePlace();
        Runnable close;
        synchronized (ending) {
            isOver = true;
            close = closeWriter;
        }
        if (close != null) {
            close.run();
        }
    }
}
