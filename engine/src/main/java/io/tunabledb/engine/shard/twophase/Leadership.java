package io.tunabledb.engine.shard.twophase;

import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.ActiveWork;
import io.tunabledb.engine.shard.life.Lifecycle;
import io.tunabledb.engine.shard.life.Workers;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replica does when it begins to lead its shard and when it leads no more. Before it admits a statement it rolls back what
 * an earlier term held, and holds again, with all locks, what an earlier leader prepared.
 */
public final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    private final Lifecycle life;
    private final ActiveTransactions activeTransactions;
    private final TwoPhase twoPhase;
    private final Workers workers;

    public Leadership(Lifecycle life, ActiveTransactions activeTransactions, TwoPhase twoPhase, Workers workers) {
        this.life = life;
        this.activeTransactions = activeTransactions;
        this.twoPhase = twoPhase;
        this.workers = workers;
    }

    /** It leads that term. On the apply thread, when everything logged before is applied. */
    public void acquired(long term) {
        LOG.info("{} leads shard {} in term {}", life.id().nodeName(), life.id().shard(), term);
        activeTransactions.rollBackBefore(term);
        twoPhase.prepared().hold(term);
        activeTransactions.admit(term);
        twoPhase.recovery().arm();
    }

    /** It leads no more. May run beside {@link io.tunabledb.engine.log.ReplicaStateMachine#apply}. */
    public void lost() {
        long lost = activeTransactions.refuse();
        twoPhase.closer().stop();
        // off the log's thread: a rollback waits for its statement to stop
        workers.executor().execute(() -> activeTransactions.rollBackUnproposed(lost));
    }

    /** The replica is being closed: no statement is admitted any more. */
    public void stop() {
        var unused = activeTransactions.refuse();
        twoPhase.closer().stop();
    }

    /**
     * What a read index that is asked for now has to wait for: proposals whose callers were told that the outcome is unknown.
     * Null when there are none.
     */
    public @Nullable CompletableFuture<@Nullable Void> fates() {
        CompletableFuture<@Nullable Void> fates = activeTransactions.fates();
        // while the disk takes nothing, nothing is decided; reads go on, and what is unknown to its caller stays so
        return fates == null || life.log().shortage() != null ? null : fates;
    }

    /** What was proposed with this is known not to be in the log, now or ever. */
    public void refused(Object held) {
        if (held instanceof ActiveWork work) {
            // undoing waits for a statement that may run in it
            workers.executeOrRun(() -> {
                work.rollBack("the log refused its entry");
                activeTransactions.end(work);
            });
        }
    }
}
