package io.tunabledb.engine.execute.serve;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.message.Condition;
import io.tunabledb.engine.shard.Replica;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits at one replica until it meets a read's condition. Before the read opens its storage snapshot, never while it holds one. */
public final class ReplicaWait {
    private final Replica replica;
    private final Deadline deadline;
    private @Nullable Exception unconfirmed;

    public ReplicaWait(Replica replica, Deadline deadline) {
        this.replica = replica;
        this.deadline = deadline;
    }

    /** Why no majority confirmed a read index that was asked for; null when one did, or none was. */
    public @Nullable Exception unconfirmed() {
        return unconfirmed;
    }

    /** Whether the replica meets it by the deadline. */
    public boolean meets(Condition condition) throws InterruptedException {
        if (condition instanceof Condition.Linearizable) {
            return isLinearizable(condition.index());
        } else if (condition instanceof Condition.Bounded bounded) {
            return isWithin(bounded);
        }
        return replica.isReady() && replica.awaitApplied(condition.index(), deadline);
    }

    private boolean isLinearizable(long needed) throws InterruptedException {
        long t0 = replica.now();
        Long index = confirmed();
        if (index == null || !replica.awaitApplied(Math.max(index, needed), deadline)) {
            return false;
        }
        replica.confirmedFresh(t0);
        // one that was seen in its home must not be missed here: who is prepared up to that index may be decided there
        return replica.awaitFinished(index, deadline);
    }

    private boolean isWithin(Condition.Bounded condition) throws InterruptedException {
        long boundNanos = condition.staleness().toNanos();
        replica.boundedReadAsked(boundNanos);
        Long entries = condition.entries();
        if (entries != null || replica.stalenessNanos() > boundNanos) {
            long t0 = replica.now();
            Long index = confirmed();
            if (index == null) {
                return false;
            }
            // at most n entries behind needs no more than index - n applied; to be young needs all of it
            boolean young = replica.stalenessNanos() <= boundNanos;
            long target = young && entries != null ? index - entries : index;
            if (!replica.awaitApplied(target, deadline)) {
                return false;
            }
            if (target == index) {
                replica.confirmedFresh(t0);
            }
        }
        return replica.stalenessNanos() <= boundNanos && replica.awaitApplied(condition.index(), deadline);
    }

    /** A majority-confirmed index, or null when none came in time. */
    private @Nullable Long confirmed() throws InterruptedException {
        try {
            return deadline.await(replica.readIndex());
        } catch (ExecutionException | TimeoutException e) {
            unconfirmed = e;
            return null;
        }
    }
}
