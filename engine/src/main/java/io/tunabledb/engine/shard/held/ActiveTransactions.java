package io.tunabledb.engine.shard.held;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.shard.validation.ReadSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The held work of a leader, and the gate it comes in by: open only while this replica leads a term whose predecessors
 * it has all applied. Everything inside began in that one term.
 */
public final class ActiveTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(ActiveTransactions.class);

    /** Storage ends a statement between two rows; one that takes so long to come to its next may never come to it. */
    private static final Duration MOST_WAITED = Duration.ofSeconds(60);

    private final Executor executor;
    private final Duration mostWaited;
    /** In the order in which they began. */
    private final Set<ActiveWork> live = new LinkedHashSet<>();

    /**
     * Rolled back when it was on its way to the log. Until its entry is applied, or never can be, nobody may be let in: who
     * read the rows of before, now that their locks are gone, would be logged behind it and undo it.
     */
    private final Set<ActiveWork> lost = new HashSet<>();

    private final Places places = new Places();
    /** What is proposed and whose callers were told that nobody knows. Guarded by this. */
    private final IdentityHashMap<ActiveWork, CompletableFuture<@Nullable Void>> unanswered = new IdentityHashMap<>();
    /** Whether there is any: every LINEARIZABLE read asks. */
    private volatile boolean hasUnanswered;

    private boolean admitting;
    private boolean paused;
    private long term;

    public ActiveTransactions(Executor executor) {
        this(executor, MOST_WAITED);
    }

    ActiveTransactions(Executor executor, Duration mostWaited) {
        this.executor = executor;
        this.mostWaited = mostWaited;
    }

    /** Where transactions in this replica's storage begin. */
    public Places places() {
        return places;
    }

    public void admit(long newTerm) {
        forgetLost(newTerm);
        synchronized (this) {
            term = newTerm;
            admitting = true;
        }
    }

    /** Admits nothing more; answers the term it admitted work of last. */
    public synchronized long refuse() {
        admitting = false;
        return term;
    }

    /** The term it admits work of; 0 when it admits none. */
    public synchronized long admittedTerm() {
        return isHeldUp() ? 0 : term();
    }

    /** The term it admits work of, be it held up for now; 0 when it admits none. */
    public synchronized long term() {
        return admitting ? term : 0;
    }

    /** Whether it would admit work if it were not paused, and nothing that lost its locks were still to come in the log. */
    public synchronized boolean isHeldUp() {
        return admitting && (paused || !lost.isEmpty());
    }

    /** Admits nothing until {@link #resume}, whatever becomes of the leadership meanwhile. */
    public synchronized void pause() {
        paused = true;
    }

    public synchronized void resume() {
        paused = false;
    }

    /** Adds what an earlier leader had prepared, before anything else is admitted in this one's term. */
    public synchronized void adopt(ActiveWork held) {
        live.add(held);
    }

    /** The part that this shard, as home, has in a transaction over shards which is not decided yet, or null. */
    public synchronized @Nullable ActiveTransaction home(TransactionId transactionId) {
        for (ActiveWork held : live) {
            if (held instanceof ActiveTransaction transaction && transaction.isHomeOf(transactionId)) {
                return transaction;
            }
        }
        return null;
    }

    /** Creates held work of the current term. */
    public synchronized <T extends ActiveWork> T begin(LongFunction<T> create) {
        if (admittedTerm() == 0) {
            throw new NotLeaderException("this replica does not lead its shard");
        }
        T held = create.apply(term);
        live.add(held);
        return held;
    }

    /** Its entry is applied, or never can be. */
    public void end(ActiveWork held) {
        synchronized (this) {
            live.remove(held);
            lost.remove(held);
        }
        decided(held);
    }

    private void undone(ActiveWork held) {
        synchronized (this) {
            // when it has ended meanwhile, nothing of it can come any more
            if (live.remove(held) && held.isLostInLog() && held.term() == term && admitting) {
                lost.add(held);
                return;
            }
        }
        decided(held);
    }

    /** What began in an earlier term can't come in the log any more. */
    private void forgetLost(long belowTerm) {
        List<ActiveWork> gone;
        synchronized (this) {
            if (lost.isEmpty()) {
                return;
            }
            gone = lost.stream().filter(held -> held.term() < belowTerm).toList();
            gone.forEach(lost::remove);
        }
        gone.forEach(this::decided);
    }

    /** Its caller is about to be told that nobody knows what becomes of it. */
    public void unanswered(ActiveWork held) {
        synchronized (this) {
            if (!live.contains(held) && !lost.contains(held)) {
                return;
            }
            unanswered.computeIfAbsent(held, any -> new CompletableFuture<>());
            hasUnanswered = true;
        }
        if (!held.isUndecided()) {
            decided(held);
        }
    }

    /** The same of the schema changes among it. */
    public void unansweredDefinitions() {
        List<ActiveWork> definitions;
        synchronized (this) {
            definitions =
                    live.stream().filter(ActiveSchemaChange.class::isInstance).toList();
        }
        definitions.forEach(this::unanswered);
    }

    /** The log has decided on it: it is in storage, or prepared, or undone. */
    public void decided(ActiveWork held) {
        if (!hasUnanswered) {
            return;
        }
        CompletableFuture<@Nullable Void> fate;
        synchronized (this) {
            fate = unanswered.remove(held);
            hasUnanswered = !unanswered.isEmpty();
        }
        if (fate != null) {
            fate.complete(null);
        }
    }

    /**
     * Completes when it is decided what becomes of all whose callers were told, before this, that nobody knows; null when that is
     * so already.
     */
    @Nullable
    public CompletableFuture<@Nullable Void> fates() {
        if (!hasUnanswered) {
            return null;
        }
        synchronized (this) {
            return unanswered.isEmpty()
                    ? null
                    : CompletableFuture.allOf(unanswered.values().toArray(CompletableFuture<?>[]::new));
        }
    }

    /** How many match now. */
    public synchronized int count(Predicate<ActiveWork> which) {
        return (int) live.stream().filter(which).count();
    }

    /** The lowest position any transaction among it has read at; {@link Long#MAX_VALUE} without one. */
    public synchronized long oldestRead() {
        long oldest = Long.MAX_VALUE;
        for (ActiveWork held : live) {
            ReadSet reads = held instanceof ActiveTransaction transaction ? transaction.reads() : null;
            oldest = reads == null ? oldest : Math.min(oldest, reads.oldest());
        }
        return oldest;
    }

    /** The clients' transactions among it, oldest first. */
    public synchronized List<ActiveTransaction> transactions() {
        List<ActiveTransaction> found = new ArrayList<>();
        for (ActiveWork held : live) {
            if (held instanceof ActiveTransaction transaction) {
                found.add(transaction);
            }
        }
        found.sort(Comparator.comparingLong(ActiveTransaction::id));
        return found;
    }

    /**
     * Before an entry of a higher term is applied, everything begun in a lower one must let go of its locks, or apply
     * would wait for a lock whose owner waits for apply.
     */
    public void rollBackBefore(long newTerm) {
        rollBack(held -> held.term() < newTerm, "the shard's leader changed");
        forgetLost(newTerm);
    }

    /**
     * What was not proposed can't take effect any more once leadership is lost; no need to wait for the next entry. This may
     * come late: what began in a later term is let be, and so is what is proposed while this looks at it.
     */
    public void rollBackUnproposed(long upToTerm) {
        awaitUndone(beginRollBackOpen(held -> held.term() <= upToTerm, "the shard's leader changed"), mostWaited);
    }

    /**
     * Rolls back all that match, at the same time: one may wait in a statement for a lock another holds. Who gets one so that was
     * held for what is prepared, or in the log, can't propose what he read then: all are condemned before the first lets go. On
     * the apply thread.
     *
     * @throws IllegalStateException one of them did not let go: apply can't go on here
     */
    public void rollBack(Predicate<ActiveWork> which, String why) {
        if (!awaitUndone(beginRollBack(which, why), mostWaited)) {
            throw new IllegalStateException("a statement goes on " + mostWaited.toSeconds()
                    + " s after it was cancelled, and keeps its locks from the log (" + why
                    + "): this replica stops, and is rebuilt from another");
        }
    }

    /** The same, where what does not let go in time is in nobody's way: false then. It is undone when its statement ends. */
    public boolean rollBackAll(String why, Duration patience) {
        boolean allEnded = awaitUndone(beginRollBack(held -> true, why), patience);
        forgetLost(Long.MAX_VALUE);
        return allEnded;
    }

    /**
     * Rolls back what matches and is not proposed, waiting no longer than until {@code deadline}; what can't be ended by then
     * is undone when it ends.
     */
    public void rollBackOpen(Predicate<ActiveWork> which, String why, Deadline deadline) throws InterruptedException {
        try {
            deadline.await(beginRollBackOpen(which, why));
        } catch (ExecutionException e) {
            throw new IllegalStateException("can't roll back", e);
        } catch (TimeoutException e) {
            LOG.warn("a statement outlives its cancellation; its transaction is rolled back when it ends");
        }
    }

    private static boolean awaitUndone(CompletableFuture<Void> undone, Duration patience) {
        Deadline deadline = Deadline.in(patience);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    deadline.await(undone);
                    return true;
                } catch (TimeoutException e) {
                    return false;
                } catch (ExecutionException e) {
                    throw new IllegalStateException("can't roll back", e.getCause());
                } catch (InterruptedException e) {
                    // nothing may go on beside them, least of all while this is being closed
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private CompletableFuture<Void> beginRollBack(Predicate<ActiveWork> which, String why) {
        List<ActiveWork> chosen = choose(which);
        chosen.forEach(held -> held.condemn(why));
        return begin(chosen, held -> {
            held.rollBack(why);
            undone(held);
        });
    }

    private CompletableFuture<Void> beginRollBackOpen(Predicate<ActiveWork> which, String why) {
        return begin(choose(which), held -> {
            if (held.rollBackOpen(why)) {
                undone(held);
            }
        });
    }

    private synchronized List<ActiveWork> choose(Predicate<ActiveWork> which) {
        return live.stream().filter(which).toList();
    }

    private CompletableFuture<Void> begin(List<ActiveWork> chosen, Consumer<ActiveWork> undoing) {
        if (chosen.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<?>[] begun = chosen.stream()
                .map(held -> CompletableFuture.runAsync(() -> undoing.accept(held), executor))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(begun);
    }
}
