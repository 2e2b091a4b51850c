package io.tunabledb.engine.shard.fresh;

import io.tunabledb.engine.clock.Repeating;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a replica has caught up since it was started: it asks its leader for a majority-confirmed read index, and is
 * ready once it has applied that much. What it happens to have received says nothing of what was committed meanwhile;
 * until then its tables may not even be there.
 *
 * <p>It asks by itself until it is answered: who is cut off only after that goes on serving what it has.
 */
public final class Readiness {
    private static final long LOOK_MILLIS = 10;
    private static final long UNKNOWN = -1;

    private final AppliedIndex index;
    private final Supplier<@Nullable CompletableFuture<Long>> ask;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile long target = UNKNOWN;
    private volatile boolean ready;
    private volatile @Nullable ScheduledFuture<?> looking;

    /**
     * @param ask asks for a confirmed read index; null when there is no leader to ask now
     */
    public Readiness(AppliedIndex index, Supplier<@Nullable CompletableFuture<Long>> ask) {
        this.index = index;
        this.ask = ask;
    }

    /** Looks again and again until the replica is ready or {@link #end} is called. */
    public void begin(ScheduledExecutorService scheduler) {
        looking = Repeating.on(scheduler, LOOK_MILLIS, this::look);
    }

    /** Looks no more. */
    public void end() {
        ScheduledFuture<?> current = looking;
        if (current != null) {
            current.cancel(false);
        }
    }

    private void look() {
        if (isReached()) {
            end();
        }
    }

    /** Whether it is ready; asks for the index when it does not know that yet. */
    public boolean isReached() {
        if (ready) {
            return true;
        }
        if (target == UNKNOWN) {
            askOnce();
        }
        long needed = target;
        if (needed != UNKNOWN && index.applied() >= needed) {
            ready = true;
        }
        return ready;
    }

    /** One question at a time: readers look every few milliseconds, and a disturbed network answers late. */
    private void askOnce() {
        if (!asking.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Long> asked;
        try {
            asked = ask.get();
        } catch (RuntimeException | Error e) {
            asking.set(false);
            throw e;
        }
        if (asked == null) {
            asking.set(false);
            return;
        }
        var unused = asked.whenComplete((confirmed, failure) -> {
            if (failure == null) {
                target = confirmed;
            }
            asking.set(false);
        });
    }
}
