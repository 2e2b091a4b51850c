package io.tunabledb.engine.execute;

import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.shard.CutPin;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A session's way to a cut: one state of all shards that no transaction straddles, that has the cause of every effect it
 * has, and that has everything acknowledged before it was asked for. Registers at one replica of each shard under the
 * cut's number, then asks the {@link Coordinator} for it; the replicas pin when they apply the entry that ends the epoch,
 * and nothing waits but for answers. Any replica will do, so those next to the session are taken, and the leaders when one of
 * them is slow.
 */
final class Cuts {
    /** A replica that applies the end of the epoch so late lags; its leader does not. */
    private static final Duration SLOW = Duration.ofMillis(100);
    /** Whether whoever was asked is still in reach. */
    private static final Duration LOOK = Duration.ofMillis(20);

    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final SessionState state;
    private boolean isSlow;

    Cuts(SessionState state) {
        this.state = state;
    }

    /** Readies a reader for its pin; {@link CutPin#withdraw} gives it back. */
    @FunctionalInterface
    interface Pins {
        CutPin of(Replica replica) throws SQLException, InterruptedException;
    }

    /** Registered under one number. */
    private record Registered(long cut, List<Replica> replicas, List<CutPin> pins) {
        void withdraw() throws SQLException {
            for (int shard = 0; shard < pins.size(); shard++) {
                replicas.get(shard).unregister(pins.get(shard), cut);
                pins.get(shard).withdraw();
            }
        }
    }

    /**
     * Takes a cut.
     *
     * @param above the highest epoch it must have everything of
     * @return a pin per shard, all of them pinned; null when there was no cut by the deadline
     * @throws SQLException the readers' own trouble
     */
    @Nullable
    List<CutPin> take(Pins pins, long above, Deadline deadline) throws SQLException, InterruptedException {
        isSlow = false;
        while (!deadline.isPast()) {
            Coordinator coordinator = state.cluster().coordinator(state.home());
            List<Replica> replicas = coordinator == null ? null : replicas();
            Registered registered =
                    coordinator == null || replicas == null ? null : register(coordinator, replicas, pins, above);
            if (coordinator != null && registered != null) {
                boolean taken = false;
                try {
                    taken = await(coordinator, registered, deadline);
                    if (taken) {
                        state.vector().sawEpoch(registered.cut - 1);
                        return registered.pins;
                    }
                } finally {
                    if (!taken) {
                        registered.withdraw();
                    }
                }
            }
            pause();
        }
        return null;
    }

    /** One of each shard; null when there is one that has none. */
    private @Nullable List<Replica> replicas() {
        List<Replica> replicas = new ArrayList<>(state.cluster().shards());
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            Replica replica = state.at(shard).forCut(isSlow);
            if (replica == null) {
                return null;
            }
            replicas.add(replica);
        }
        return replicas;
    }

    /** Null when the cut went by meanwhile at one of them. */
    private static @Nullable Registered register(Coordinator coordinator, List<Replica> replicas, Pins pins, long above)
            throws SQLException, InterruptedException {
        long lowest = above;
        for (Replica replica : replicas) {
            lowest = Math.max(lowest, replica.epoch());
        }
        List<CutPin> ready = new ArrayList<>(replicas.size());
        for (Replica replica : replicas) {
            ready.add(pins.of(replica));
        }
        Registered registered = new Registered(coordinator.next(lowest), replicas, ready);
        for (int shard = 0; shard < replicas.size(); shard++) {
            if (!replicas.get(shard).register(ready.get(shard), registered.cut)) {
                registered.withdraw();
                return null;
            }
        }
        return registered;
    }

    /** Whether the cut is complete and all are pinned at it. */
    private boolean await(Coordinator coordinator, Registered registered, Deadline deadline)
            throws InterruptedException {
        CompletableFuture<Void> complete = coordinator.request(registered.cut);
        while (!complete.isDone()) {
            if (deadline.isPast() || !state.cluster().reaches(state.home(), coordinator.node())) {
                return false;
            }
            await(complete, deadline.atMost(LOOK));
        }
        if (complete.isCompletedExceptionally()) {
            return false;
        }
        CompletableFuture<Void> pinned = CompletableFuture.allOf(
                registered.pins.stream().map(CutPin::pinned).toArray(CompletableFuture<?>[]::new));
        await(pinned, deadline.atMost(SLOW));
        boolean isPinned = pinned.isDone() && !pinned.isCompletedExceptionally();
        isSlow = !isPinned;
        return isPinned;
    }

    private static void await(CompletableFuture<?> future, Deadline deadline) throws InterruptedException {
        try {
            future.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // the caller looks what it is
            return;
        }
    }

    private static void pause() throws InterruptedException {
        LockSupport.parkNanos(PAUSE_NANOS);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
