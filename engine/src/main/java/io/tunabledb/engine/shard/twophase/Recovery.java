package io.tunabledb.engine.shard.twophase;

import io.tunabledb.engine.h2.catalog.DecidedRow;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.life.Lifecycle;
import io.tunabledb.engine.shard.life.Workers;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Decisions;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.InDoubt;
import io.tunabledb.engine.shard.log.TransactionId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader does for transactions over shards whose coordinator is gone: asks home about those prepared here, tells the
 * participants of those decided here, and forgets decisions that every participant knows. Runs only while there are any.
 */
public final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    /** A coordinator at work takes a few milliseconds; asking too early costs a question and nothing else. */
    private static final long AFTER_MILLIS = 300;

    /** An answer that takes longer is not waited for: its sender may have been stopped. */
    private static final long PATIENCE_SECONDS = 2;

    private static final long AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(AFTER_MILLIS);
    /** How many decisions one entry forgets at most. */
    private static final int FORGET_BATCH = 4_000;

    private final Lifecycle life;
    private final ActiveTransactions activeTransactions;
    private final PreparedTransactions preparedTransactions;
    private final EpochCloser closer;
    private final Decisions decisions;
    private final Workers workers;
    private final AtomicBoolean armed = new AtomicBoolean();
    /** Finished everywhere, and not forgotten here yet. */
    private final Set<TransactionId> known = ConcurrentHashMap.newKeySet();

    private final Set<TransactionId> underWay = ConcurrentHashMap.newKeySet();

    public Recovery(
            Lifecycle life,
            ActiveTransactions activeTransactions,
            PreparedTransactions preparedTransactions,
            EpochCloser closer,
            Decisions decisions,
            Workers workers) {
        this.life = life;
        this.activeTransactions = activeTransactions;
        this.preparedTransactions = preparedTransactions;
        this.closer = closer;
        this.decisions = decisions;
        this.workers = workers;
    }

    /** There may be something to do in a moment. */
    public void arm() {
        if (!preparedTransactions.isEmpty() && armed.compareAndSet(false, true)) {
            var unused = workers.timer()
                    .schedule(() -> workers.executor().execute(this::run), AFTER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Every participant knows the decision. */
    public void forget(TransactionId transactionId) {
        known.add(transactionId);
    }

    private void run() {
        armed.set(false);
        if (!life.isAlive()) {
            return;
        }
        // in this order: who leads is armed again, whatever begins to hold it up meanwhile
        if (activeTransactions.term() == 0) {
            // the leader of this moment has armed its own
            known.clear();
            return;
        }
        if (activeTransactions.isHeldUp()) {
            // a schema change lets no statement in for a moment; what is in doubt is so still
            arm();
            return;
        }
        try {
            forgetKnown();
            preparedTransactions.undelivered(AFTER_NANOS).forEach(this::deliver);
            preparedTransactions.inDoubt(AFTER_NANOS).forEach(this::ask);
        } catch (RuntimeException | Error e) {
            LOG.warn(
                    "{}: recovery of transactions over shards is tried again",
                    life.id().nodeName(),
                    e);
        }
        arm();
    }

    private void forgetKnown() {
        List<TransactionId> batch = known.stream().limit(FORGET_BATCH).toList();
        if (!batch.isEmpty()) {
            var unused = life.log()
                    .append(new Entry.Forget(batch).encode(), this)
                    .thenRun(() -> batch.forEach(known::remove));
        }
    }

    /** Tells the participants of a transaction that is committed, and forgets it when all have finished it. */
    private void deliver(DecidedRow row) {
        TransactionId transactionId = new TransactionId(row.session(), row.number());
        if (known.contains(transactionId) || !underWay.add(transactionId)) {
            return;
        }
        Stream<Integer> shards = row.participants().stream();
        if (preparedTransactions.voteOf(transactionId) != null) {
            // home's own part waits for its epoch
            shards = Stream.concat(Stream.of(life.id().shard()), shards);
        }
        CompletableFuture<?>[] told = shards.map(
                        shard -> decisions.tell(life.id().node(), shard, transactionId, row.epoch()))
                .toArray(CompletableFuture<?>[]::new);
        var unused = CompletableFuture.allOf(told)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .whenComplete((done, failure) -> {
                    underWay.remove(transactionId);
                    if (failure == null) {
                        known.add(transactionId);
                    } else {
                        LOG.debug("{}: {} is delivered later", life.id().nodeName(), transactionId, failure);
                    }
                });
    }

    /** Asks home what became of a transaction, and ends it here accordingly. */
    private void ask(InDoubt doubt) {
        TransactionId transactionId = doubt.transaction();
        if (!underWay.add(transactionId)) {
            return;
        }
        var unused = decisions
                .ask(life.id().node(), doubt.home(), transactionId)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .thenCompose(decision -> finish(transactionId, decision))
                .whenComplete((done, failure) -> {
                    underWay.remove(transactionId);
                    if (failure != null) {
                        LOG.debug("{}: {} stays in doubt yet", life.id().nodeName(), transactionId, failure);
                    }
                });
    }

    private CompletableFuture<?> finish(TransactionId transactionId, Decision decision) {
        if (decision instanceof Decision.Committed committed) {
            LOG.info("{}: {} is committed, says its home", life.id().nodeName(), transactionId);
            return closer.finish(transactionId, true, committed.epoch());
        }
        if (decision instanceof Decision.Aborted) {
            LOG.info("{}: {} is aborted, says its home", life.id().nodeName(), transactionId);
            return closer.finish(transactionId, false, 0);
        }
        return CompletableFuture.completedFuture(null);
    }
}
