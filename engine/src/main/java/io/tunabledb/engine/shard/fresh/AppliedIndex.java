package io.tunabledb.engine.shard.fresh;

import io.tunabledb.engine.clock.Deadline;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * How far a replica has applied its log, and who waits for more.
 *
 * <p>Two counters, because storage commits an entry before we can say so: {@code applying} is raised before the commit,
 * {@code applied} after it. A requirement is tested against {@code applied} before a query opens its snapshot, so the
 * snapshot has at least that; a session records {@code applying} after the query has its result, so it remembers at
 * least what it saw. Only the apply thread raises them.
 */
public final class AppliedIndex {
    /** Who waits with a deadline is a thread; so many may ask to be told without one. */
    static final int MOST_TOLD = 10_000;

    private record Waiter(long index, CompletableFuture<Void> reached) {}

    private final PriorityQueue<Waiter> waiters =
            new PriorityQueue<>((left, right) -> Long.compare(left.index, right.index));
    private volatile long applying;
    private volatile long applied;
    /** The lowest index that a read waits for. Written before {@code applied} is read, and the other way round in raise. */
    private volatile long nextWaited = Long.MAX_VALUE;

    public long applying() {
        return applying;
    }

    public long applied() {
        return applied;
    }

    public void begin(long index) {
        applying = index;
    }

    public void raise(long index) {
        applied = index;
        if (index >= nextWaited) {
            wake(index);
        }
    }

    /** Both counters at once, after a snapshot replaced all state. */
    public void jump(long index) {
        applying = index;
        raise(index);
    }

    /** Completes when {@code index} is applied; fails when too many wait for that already, as where nothing is applied any more. */
    public CompletableFuture<Void> reached(long index) {
        if (applied >= index) {
            return CompletableFuture.completedFuture(null);
        }
        synchronized (waiters) {
            if (waiters.size() >= MOST_TOLD) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException(waiters.size() + " wait for entries to be applied; index " + index
                                + " is needed, and " + applied + " is applied"));
            }
        }
        return waiting(index);
    }

    private CompletableFuture<Void> waiting(long index) {
        if (applied >= index) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> reached = new CompletableFuture<>();
        synchronized (waiters) {
            waiters.add(new Waiter(index, reached));
            nextWaited = Math.min(nextWaited, index);
        }
        if (applied >= index) {
            wake(applied);
        }
        return reached;
    }

    /** Waits until {@code index} is applied; false when the deadline came first. */
    public boolean await(long index, Deadline deadline) throws InterruptedException {
        if (applied >= index) {
            return true;
        }
        CompletableFuture<Void> reached = waiting(index);
        try {
            deadline.await(reached);
            return true;
        } catch (TimeoutException e) {
            forget(reached);
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void forget(CompletableFuture<Void> reached) {
        synchronized (waiters) {
            waiters.removeIf(waiter -> waiter.reached == reached);
        }
    }

    private void wake(long index) {
        while (true) {
            Waiter waiter;
            synchronized (waiters) {
                waiter = waiters.peek();
                if (waiter == null || waiter.index > index) {
                    nextWaited = waiter == null ? Long.MAX_VALUE : waiter.index;
                    return;
                }
                waiters.remove();
            }
            waiter.reached.complete(null);
        }
    }
}
