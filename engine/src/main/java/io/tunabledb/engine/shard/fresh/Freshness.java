package io.tunabledb.engine.shard.fresh;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.shard.life.Lifecycle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * How fresh a replica is: what it has applied, how old that can be, and whether it has caught up since it was started. Any
 * thread, but for {@link #index}, which only the apply thread raises.
 */
public final class Freshness {
    private final Lifecycle life;
    private final ScheduledExecutorService scheduler;
    private final AppliedIndex index = new AppliedIndex();
    private final FreshnessLease lease = new FreshnessLease(System::nanoTime);
    private final LeaseRefresher refresher;
    private final Readiness readiness;

    public Freshness(Lifecycle life, ScheduledExecutorService scheduler) {
        this.life = life;
        this.scheduler = scheduler;
        this.refresher = new LeaseRefresher(this, life, scheduler);
        this.readiness = new Readiness(index, life::askLeader);
    }

    /** How far the log is applied. */
    public AppliedIndex index() {
        return index;
    }

    /** Its log runs: it asks what was committed until now. */
    public void begin() {
        readiness.begin(scheduler);
    }

    /** It asks no more. */
    public void end() {
        readiness.end();
    }

    /** Whether it has applied everything that was committed when it asked its leader after it was started. */
    public boolean isReady() {
        return readiness.isReached();
    }

    /** Waits until {@code target} is applied; false when the deadline came first. */
    public boolean awaitApplied(long target, Deadline deadline) throws InterruptedException {
        return index.await(target, deadline);
    }

    /** This replica's monotonic clock. */
    public long now() {
        return lease.now();
    }

    /** Nanoseconds the data can at most be old; {@link Long#MAX_VALUE} when no lease was taken yet. */
    public long stalenessNanos() {
        return lease.stalenessNanos();
    }

    /** A majority-confirmed index covering everything committed before this call. */
    public CompletableFuture<Long> readIndex() {
        return life.log().readIndex();
    }

    /** The same, once it is applied here. */
    public CompletableFuture<Long> caughtUp() {
        return readIndex().thenCompose(target -> index.reached(target).thenApply(done -> target));
    }

    /** Tells the lease's refresher which bounds are in use. */
    public void boundedReadAsked(long boundNanos) {
        refresher.asked(boundNanos);
    }

    /** Raises the lease to the moment of this call; completes with the read index it took. */
    public CompletableFuture<Long> refreshLease() {
        long t0 = lease.now();
        return caughtUp().thenApply(target -> {
            lease.raise(t0);
            return target;
        });
    }

    /** A read index taken at {@code t0} is applied here: the lease may use it. */
    public void confirmed(long t0) {
        lease.raise(t0);
    }

    /** Claims an index and to be fresh for an hour, for drills; the rows stay what they are. */
    public void lie(long claimed) {
        lease.raise(lease.now() + TimeUnit.HOURS.toNanos(1));
        index.jump(Math.max(claimed, index.applied()));
    }
}
