package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Asking;
import io.tunabledb.engine.execute.session.QueuedWrites;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.message.CutMessage;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.Replica.Standing;
import io.tunabledb.engine.shard.cut.CutPin;
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
 * has, and that has everything acknowledged before it was asked for.
 *
 * <p>While nothing is written it costs a read index per shard: all leaders are pinned, and if each shard's read index,
 * taken after the last pin, is not above what is pinned there, all of it was the state of the shards at one moment: the one
 * after the last pin (the double collect of Afek et al., Atomic Snapshots of Shared Memory, 1993). The shards must be in one
 * epoch then, or a reader of a cut that is just being taken could see them in another order.
 *
 * <p>Else it registers at one replica of each shard under the cut's number, and asks the coordinator for it; the
 * replicas pin when they apply the entry that ends the epoch, and nothing waits but answers. Any replica will do, so those
 * next to the session are taken, and the leaders when one of them is slow; a transaction that may write is pinned at leaders.
 */
public final class Cuts {
    /** A replica that applies the end of the epoch so late lags; its leader does not. */
    private static final Duration SLOW = Duration.ofMillis(100);
    /** Whether whoever was asked is still in reach. */
    private static final Duration LOOK = Duration.ofMillis(20);

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final SessionState state;
    private final boolean onlyLeaders;
    private boolean isSlow;

    /** @param onlyLeaders whether what is pinned must be at leaders */
    public Cuts(SessionState state, boolean onlyLeaders) {
        this.state = state;
        this.onlyLeaders = onlyLeaders;
    }

    /** Readies a reader for its pin; {@link CutPin#withdraw} gives it back. */
    @FunctionalInterface
    public interface Pins {
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
     * Takes a cut for a statement or a transaction, after what its session has queued and with what it has seen.
     *
     * @param rung what is asked for
     * @param patience what {@code deadline} was at first
     * @return a pin per shard, all of them pinned
     * @throws SQLException TC001 or TC002 when there was no cut by the deadline, 57014 when nobody waits for it any more
     */
    public List<CutPin> take(Pins pins, Rung rung, Duration patience, Deadline deadline) throws SQLException {
        QueuedWrites.settleAll(state, rung, deadline);
        state.tokens().checkAfter(rung.afterToken(), patience);
        // what the session has seen, or the token's, belongs to the cut
        long above = Math.max(state.vector().epoch(), state.tokens().epochAfter(rung.afterToken()));
        List<CutPin> taken;
        state.beginWait();
        try {
            taken = take(pins, above, deadline);
        } catch (InterruptedException e) {
            throw state.endWait() ? Refusals.cancelled(rung, e) : Refusals.interrupted(e);
        } finally {
            state.endWait();
        }
        if (taken == null) {
            throw Refusals.noCut(rung, patience, state);
        }
        return taken;
    }

    /**
     * Takes a cut.
     *
     * @param above the highest epoch it must have everything of
     * @return a pin per shard, all of them pinned; null when there was no cut by the deadline
     * @throws SQLException the readers' own trouble
     */
    @Nullable
    public List<CutPin> take(Pins pins, long above, Deadline deadline) throws SQLException, InterruptedException {
        List<CutPin> standing = takeStanding(pins, deadline);
        if (standing != null) {
            return standing;
        }
        isSlow = false;
        for (long pause = FIRST_PAUSE_NANOS; !deadline.isPast(); pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS)) {
            int coordinator = coordinator();
            List<Replica> replicas = coordinator == 0 ? null : replicas(isSlow || onlyLeaders);
            Registered registered = replicas == null ? null : register(coordinator, replicas, pins, above);
            if (registered != null) {
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
            pause(pause);
        }
        return null;
    }

    /** The node of whoever takes cuts through all shards, in reach; 0 for none. */
    private int coordinator() {
        int leader = state.cluster().news().leader(state.home(), 0);
        return leader != 0 && state.cluster().reaches(state.home(), leader) ? leader : 0;
    }

    /** At once, where nothing changes; null when something does. */
    private @Nullable List<CutPin> takeStanding(Pins pins, Deadline deadline)
            throws SQLException, InterruptedException {
        List<Replica> leaders = replicas(true);
        if (leaders == null) {
            return null;
        }
        List<CutPin> taken = new ArrayList<>(leaders.size());
        boolean isCut = false;
        try {
            List<Standing> standing = new ArrayList<>(leaders.size());
            for (Replica leader : leaders) {
                CutPin pin = pins.of(leader);
                taken.add(pin);
                Standing one = leader.pinStanding(pin);
                if (one == null || !pin.isPinned()) {
                    return null;
                }
                standing.add(one);
            }
            isCut = isOneEpoch(standing) && isUpToDate(leaders, standing, deadline.atMost(SLOW));
            if (isCut) {
                state.vector().sawEpoch(standing.get(0).epoch());
            }
            return isCut ? taken : null;
        } finally {
            if (!isCut) {
                withdraw(taken);
            }
        }
    }

    private static void withdraw(List<CutPin> pins) throws SQLException {
        for (CutPin pin : pins) {
            pin.withdraw();
        }
    }

    private static boolean isOneEpoch(List<Standing> standing) {
        return standing.stream().allMatch(one -> one.epoch() == standing.get(0).epoch());
    }

    /** Whether no shard had committed anything but what is pinned, at a moment when everything was. */
    private static boolean isUpToDate(List<Replica> leaders, List<Standing> standing, Deadline deadline)
            throws InterruptedException {
        List<CompletableFuture<Long>> indexes =
                leaders.stream().map(Replica::readIndex).toList();
        for (int shard = 0; shard < indexes.size(); shard++) {
            CompletableFuture<Long> index = indexes.get(shard);
            await(index, deadline);
            if (!index.isDone()
                    || index.isCompletedExceptionally()
                    || index.join() > standing.get(shard).index()) {
                return false;
            }
        }
        return true;
    }

    /**
     * One of each shard; null when there is one that has none.
     *
     * @param leading whether only leaders will do
     */
    private @Nullable List<Replica> replicas(boolean leading) {
        List<Replica> replicas = new ArrayList<>(state.cluster().shards());
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            Replica replica = state.at(shard).forCut(leading);
            if (replica == null) {
                return null;
            }
            replicas.add(replica);
        }
        return replicas;
    }

    /** Null when the cut went by meanwhile at one of them or for the session, or nobody says its number. */
    private @Nullable Registered register(int coordinator, List<Replica> replicas, Pins pins, long above)
            throws SQLException, InterruptedException {
        long lowest = above;
        for (Replica replica : replicas) {
            lowest = Math.max(lowest, replica.epoch());
        }
        List<CutPin> ready = new ArrayList<>(replicas.size());
        Long cut = null;
        boolean isReady = false;
        try {
            for (Replica replica : replicas) {
                ready.add(pins.of(replica));
            }
            cut = Asking.orNull(state, coordinator, new CutMessage.Next(), Deadline.in(SLOW));
            isReady = cut != null;
        } finally {
            if (!isReady) {
                withdraw(ready);
            }
        }
        if (cut == null) {
            return null;
        }
        Registered registered = new Registered(cut, replicas, ready);
        if (registered.cut <= lowest) {
            // the coordinator does not know the newest cut yet, or any more
            registered.withdraw();
            return null;
        }
        for (int shard = 0; shard < replicas.size(); shard++) {
            if (!replicas.get(shard).register(ready.get(shard), registered.cut)) {
                registered.withdraw();
                return null;
            }
        }
        return registered;
    }

    /** Whether the cut is complete and all are pinned at it. */
    private boolean await(int coordinator, Registered registered, Deadline deadline) throws InterruptedException {
        CompletableFuture<?> complete = Asking.ask(state, coordinator, new CutMessage.Request(registered.cut));
        while (!complete.isDone()) {
            if (deadline.isPast() || !state.cluster().reaches(state.home(), coordinator)) {
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
            deadline.await(future);
        } catch (ExecutionException | TimeoutException e) {
            // the caller looks what it is
            return;
        }
    }

    private static void pause(long nanos) throws InterruptedException {
        LockSupport.parkNanos(nanos);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
