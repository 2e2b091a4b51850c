package io.tunabledb.engine.shard.twophase;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.life.Lifecycle;
import io.tunabledb.engine.shard.life.Workers;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Decisions;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.TransactionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A leader's side of epochs: ends one when it is asked to, as soon as nothing that is prepared may commit in it any more;
 * a transaction that is in the way is asked about at home, at once. What it knows is lost with its leadership, and only decides what
 * it proposes and when: whether a {@code Close} holds is decided by the log. The reasons are in {@code cut/DESIGN.md}.
 */
public final class EpochCloser {
    private static final Logger LOG = LoggerFactory.getLogger(EpochCloser.class);
    private static final long LOOK_AGAIN_MILLIS = 4;
    /** An answer that takes longer is not waited for: its sender may have been stopped. */
    private static final long PATIENCE_MILLIS = 500;

    /** Each is asked for again after a while, for as long as it takes. */
    private static final int MOST_WISHES = 10_000;

    private final Lifecycle life;
    private final Epochs epochs;
    private final ActiveTransactions activeTransactions;
    private final PreparedTransactions preparedTransactions;
    private final Decisions decisions;
    private final Workers workers;
    /** Guarded by this object's monitor; the lowest epoch comes first. */
    private final PriorityQueue<Wish> wishes = new PriorityQueue<>(Comparator.comparingLong(Wish::epoch));

    private final AtomicBoolean armed = new AtomicBoolean();
    private final AtomicBoolean timed = new AtomicBoolean();
    private final Set<TransactionId> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean proposing = new AtomicBoolean();
    private volatile boolean wished;
    /** The highest epoch that was asked for: what is prepared from now on votes it. */
    private volatile long wanted;

    private record Wish(long epoch, CompletableFuture<Void> begun) {}

    public EpochCloser(
            Lifecycle life,
            Epochs epochs,
            ActiveTransactions activeTransactions,
            PreparedTransactions preparedTransactions,
            Decisions decisions,
            Workers workers) {
        this.life = life;
        this.epochs = epochs;
        this.activeTransactions = activeTransactions;
        this.preparedTransactions = preparedTransactions;
        this.decisions = decisions;
        this.workers = workers;
    }

    /** What a transaction that is prepared now votes, before its session's own epoch is counted. */
    public long vote() {
        return Math.max(wanted, epochs.epoch());
    }

    /** Completes when that epoch, or a later one, has begun here; fails with {@link NotLeaderException} when the leader is lost. */
    public CompletableFuture<Void> begin(long epoch) {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        synchronized (this) {
            if (epochs.epoch() >= epoch) {
                return CompletableFuture.completedFuture(null);
            }
            if (activeTransactions.admittedTerm() == 0) {
                return CompletableFuture.failedFuture(new NotLeaderException("this replica does not lead its shard"));
            }
            if (wishes.size() >= MOST_WISHES) {
                return CompletableFuture.failedFuture(new IllegalStateException(wishes.size()
                        + " wait for an epoch to begin in shard " + life.id().shard()));
            }
            wanted = Math.max(wanted, epoch);
            wishes.add(new Wish(epoch, begun));
            wished = true;
        }
        arm();
        return begun;
    }

    /**
     * Ends a prepared transaction as home has decided. What commits in an epoch that has not begun here waits for that: a
     * commit is in the same epoch in every shard.
     */
    public CompletableFuture<LogPosition> finish(TransactionId transactionId, boolean commit, long epoch) {
        byte[] entry = new Entry.Finish(transactionId.session(), transactionId.number(), commit, epoch).encode();
        if (!commit) {
            return life.log().append(entry, this);
        }
        preparedTransactions.learned(transactionId, epoch);
        applied();
        return begin(epoch).thenCompose(begun -> life.log().append(entry, this));
    }

    /** Something that may have been in the way is applied. On the apply thread, or any. */
    public void applied() {
        if (wished) {
            arm();
        }
    }

    /** Leadership is lost. */
    void stop() {
        List<Wish> lost;
        synchronized (this) {
            lost = List.copyOf(wishes);
            wishes.clear();
            wished = false;
            wanted = 0;
        }
        lost.forEach(wish -> wish.begun.completeExceptionally(
                new NotLeaderException("the shard's leader changed before its epoch")));
    }

    private void arm() {
        if (armed.compareAndSet(false, true)) {
            workers.executor().execute(this::run);
        }
    }

    private void armLater() {
        if (timed.compareAndSet(false, true)) {
            var unused = workers.timer()
                    .schedule(
                            () -> {
                                timed.set(false);
                                applied();
                            },
                            LOOK_AGAIN_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    private void run() {
        armed.set(false);
        if (!life.isAlive()
                || (activeTransactions.admittedTerm() == 0 && !life.status().leading())) {
            stop();
            return;
        }
        try {
            Long next = nextWish();
            if (next != null) {
                towards(next);
                // nothing tells of answers that were lost
                armLater();
            }
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: closing an epoch is tried again", life.id().nodeName(), e);
            armLater();
        }
    }

    /** The lowest epoch wanted that has not begun; those who wished for others are told. Null when there is none. */
    private @Nullable Long nextWish() {
        List<Wish> come = new ArrayList<>();
        Long next;
        synchronized (this) {
            while (!wishes.isEmpty() && wishes.element().epoch <= epochs.epoch()) {
                come.add(wishes.remove());
            }
            Wish first = wishes.peek();
            next = first == null ? null : first.epoch;
            wished = next != null;
        }
        come.forEach(wish -> wish.begun.complete(null));
        return next;
    }

    /** Proposes to close up to an epoch if nothing is in the way, else sees to what is. */
    private void towards(long epoch) {
        boolean blocked = false;
        List<Entry.Close.Later> later = new ArrayList<>();
        for (PreparedTransactions.QueuedWrite pending : preparedTransactions.below(epoch)) {
            Long commits = pending.commits();
            if (commits != null && commits >= epoch) {
                later.add(new Entry.Close.Later(pending.transactionId(), commits));
                continue;
            }
            blocked = true;
            if (!underWay.add(pending.transactionId())) {
                continue;
            }
            CompletableFuture<?> ended =
                    commits == null ? askHome(pending) : finish(pending.transactionId(), true, commits);
            var unused = ended.orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .whenComplete((done, failure) -> underWay.remove(pending.transactionId()));
        }
        if (!blocked && proposing.compareAndSet(false, true)) {
            propose(new Entry.Close(epoch, later));
        }
    }

    /** Void or not, when it is applied it is time to look again. */
    private void propose(Entry.Close close) {
        var unused = life.log()
                .append(close.encode(), this)
                .orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((at, failure) -> {
                    proposing.set(false);
                    applied();
                });
    }

    private CompletableFuture<?> askHome(PreparedTransactions.QueuedWrite pending) {
        return decisions
                .ask(life.id().node(), pending.home(), pending.transactionId())
                .thenCompose(decision -> {
                    if (decision instanceof Decision.Committed committed) {
                        return finish(pending.transactionId(), true, committed.epoch());
                    }
                    if (decision instanceof Decision.Aborted) {
                        return finish(pending.transactionId(), false, 0);
                    }
                    // its coordinator is at work, and will say; or the timer asks again
                    return CompletableFuture.completedFuture(null);
                });
    }
}
