package io.tunabledb.engine.shard.validation;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.readset.WriteSet;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the LINEARIZABLE transactions of one shard strictly serializable, on its leader. What a transaction has read is
 * validated when it is proposed, in one step with taking its place in the log: nothing it read may have been changed by
 * anything committed or proposed since (backward validation: Kung and Robinson, On Optimistic Methods for Concurrency
 * Control, 1981). So everything in the log can be taken for executed at its place there, and a prefix of the log is a
 * state that such an execution had.
 *
 * <p>All writes come by here; those of other levels are noted and never refused, but for guards. Prepared transactions
 * over several shards guard what they read, and what they are about to write, until they are finished.
 */
public final class Validation {
    private static final int MAX_KEYS = 1 << 16;

    private final LongSupplier oldestReader;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition guardReleased = lock.newCondition();
    private volatile Term current = new Term(0);

    /** A leader's term starts with everything before applied, so with nothing to remember. */
    private final class Term {
        final long term;
        final InFlight inFlight = new InFlight();
        final History history = new History(MAX_KEYS, () -> Math.min(inFlight.settled(), oldestReader.getAsLong()));
        final Set<Guard> guards = new LinkedHashSet<>();

        Term(long term) {
            this.term = term;
        }
    }

    /**
     * @param oldestReader the lowest position any open transaction has read at; {@link Long#MAX_VALUE} without one
     */
    public Validation(LongSupplier oldestReader) {
        this.oldestReader = oldestReader;
    }

    /** The position of a read that begins now. */
    public long position(long term) {
        return of(term).inFlight.settled();
    }

    private Term of(long term) {
        Term known = current;
        if (known.term == term) {
            return known;
        }
        lock.lock();
        try {
            if (current.term > term) {
                throw new NotLeaderException("the shard's leader changed");
            }
            if (current.term < term) {
                current = new Term(term);
                guardReleased.signalAll();
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Validates and proposes. Waits for prepared transactions that what it reads or writes depends on.
     *
     * @param reads what to validate; null for a transaction that asks for no more than H2 gives
     * @param append hands the entry to the log
     * @throws ConflictException nothing was proposed
     */
    public CompletableFuture<LogPosition> commit(
            long term,
            @Nullable ReadSet reads,
            WriteSet writes,
            Deadline deadline,
            Supplier<CompletableFuture<LogPosition>> append) {
        Term now = of(term);
        InFlight.Proposal proposal;
        CompletableFuture<LogPosition> appended;
        lock.lock();
        try {
            if (!now.guards.isEmpty()) {
                awaitGuards(now, reads, writes, deadline);
            }
            if (reads != null) {
                requireUnchanged(now, reads);
            }
            appended = append.get();
            proposal = now.inFlight.begin();
            now.history.change(writes, proposal.position);
        } finally {
            lock.unlock();
        }
        return settle(now, proposal, appended);
    }

    /** Answers only when positions say that it is applied, or a client that is told could read at one from before. */
    private static CompletableFuture<LogPosition> settle(
            Term now, InFlight.Proposal proposal, CompletableFuture<LogPosition> appended) {
        return appended.whenComplete((at, failure) -> {
            if (failure == null) {
                now.inFlight.applied(proposal);
            } else if (failure instanceof NotLeaderException) {
                now.inFlight.decided(proposal);
            }
            // else unknown: the next one that is applied tells
        });
    }

    /**
     * Validates a transaction that has changed nothing: all it has read is one state, that of now.
     *
     * @throws ConflictException it is not
     */
    public void commitRead(long term, ReadSet reads, Deadline deadline) {
        Term now = of(term);
        lock.lock();
        try {
            awaitGuards(now, reads, WriteSet.NONE, deadline);
            requireUnchanged(now, reads);
        } finally {
            lock.unlock();
        }
    }

    /** Proposes a schema change: for every reader, every row of the tables changes. */
    public CompletableFuture<LogPosition> define(
            long term, @Nullable WriteSet tables, Supplier<CompletableFuture<LogPosition>> append) {
        Term now = of(term);
        InFlight.Proposal proposal;
        CompletableFuture<LogPosition> appended;
        lock.lock();
        try {
            appended = append.get();
            proposal = now.inFlight.begin();
            if (tables == null) {
                now.history.changeEverything(proposal.position);
            } else {
                now.history.change(tables, proposal.position);
            }
        } finally {
            lock.unlock();
        }
        return settle(now, proposal, appended);
    }

    private static void requireUnchanged(Term now, ReadSet reads) {
        String conflict = now.history.conflict(reads);
        if (conflict != null) {
            throw new ConflictException(conflict);
        }
    }

    /** A prepared transaction holds all it needs, so it never waits for those that wait here. */
    private void awaitGuards(Term now, @Nullable ReadSet reads, WriteSet writes, Deadline deadline) {
        try {
            while (now.guards.stream().anyMatch(guard -> guard.blocks(reads, writes))) {
                if (current != now) {
                    throw new NotLeaderException("the shard's leader changed");
                }
                long left = deadline.remainingNanos();
                if (left == 0) {
                    throw new ConflictException(
                            "a transaction over several shards is being committed on what this one has read or written");
                }
                guardReleased.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConflictException("interrupted while a transaction over several shards was being committed");
        }
    }

    // ---- transactions over several shards ----

    /** What a prepared transaction has read and is about to write; released when it is finished. */
    public final class Guard {
        private final Term term;
        private final @Nullable ReadSet reads;
        private final WriteSet writes;

        private Guard(Term term, @Nullable ReadSet reads, WriteSet writes) {
            this.term = term;
            this.reads = reads;
            this.writes = writes;
        }

        private boolean blocks(@Nullable ReadSet otherReads, WriteSet otherWrites) {
            return (reads != null && reads.isChangedBy(otherWrites))
                    || (otherReads != null && otherReads.isChangedBy(writes));
        }

        /**
         * The transaction is finished here: with {@code committed} its rows have just been committed in storage, else it
         * is rolled back. Idempotent.
         */
        public void release(boolean committed) {
            lock.lock();
            try {
                if (!term.guards.remove(this)) {
                    return;
                }
                if (committed) {
                    InFlight.Proposal done = term.inFlight.begin();
                    term.history.change(writes, done.position);
                    term.inFlight.decided(done);
                }
                guardReleased.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Validates a branch of a transaction over several shards and proposes that it is prepared. From here to its release
     * the guard makes commits wait that would change what it read, or have read what it writes; another branch that is
     * prepared in between fails, because two that waited for each other in two shards would wait for ever.
     *
     * @param reads null for a transaction that asks for no more than H2 gives
     * @param append takes the guard and hands the entry to the log
     * @throws ConflictException nothing was proposed
     */
    public CompletableFuture<LogPosition> prepare(
            long term,
            @Nullable ReadSet reads,
            WriteSet writes,
            Function<Guard, CompletableFuture<LogPosition>> append) {
        Term now = of(term);
        lock.lock();
        try {
            Guard guard = guard(now, reads, writes);
            boolean handed = false;
            try {
                CompletableFuture<LogPosition> appended = append.apply(guard);
                handed = true;
                return appended;
            } finally {
                if (!handed) {
                    guard.release(false);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Guards what a transaction has read that changes nothing here. */
    public Guard guardReads(long term, @Nullable ReadSet reads) {
        Term now = of(term);
        lock.lock();
        try {
            return guard(now, reads, WriteSet.NONE);
        } finally {
            lock.unlock();
        }
    }

    private Guard guard(Term now, @Nullable ReadSet reads, WriteSet writes) {
        if (now.guards.stream().anyMatch(guard -> guard.blocks(reads, writes))) {
            throw new ConflictException(
                    "another transaction over several shards is being committed on what this one has read or written");
        }
        if (reads != null) {
            requireUnchanged(now, reads);
        }
        Guard guard = new Guard(now, reads, writes);
        now.guards.add(guard);
        return guard;
    }

    /** Guards a transaction that an earlier leader prepared, before the new one admits work. */
    public Guard restore(long term, @Nullable ReadSet reads, WriteSet writes) {
        Term now = of(term);
        lock.lock();
        try {
            Guard guard = new Guard(now, reads, writes);
            now.guards.add(guard);
            return guard;
        } finally {
            lock.unlock();
        }
    }

    /** How many guards are held. */
    int guards() {
        Term now = Objects.requireNonNull(current);
        lock.lock();
        try {
            return now.guards.size();
        } finally {
            lock.unlock();
        }
    }
}
