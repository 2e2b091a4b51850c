package io.tunabledb.engine.execute;

import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes cuts: one state of all shards that no transaction straddles, that has the cause of every effect it has, and that
 * has everything acknowledged before it was asked for. Commits are held up at every shard's leader until none is under
 * way and no prepared transaction is undecided; the readers then pin their snapshots at the leaders; then each leader has
 * a majority confirm that it led all the while, so nothing can have been committed beside it; then commits go on.
 *
 * <p>All pins lie in a stretch of time in which no shard's state changed, which makes the cut linearizable whatever
 * clocks say. What a leader proposed before and did not see committed in time may still be committed in that stretch: it
 * is concurrent with the cut, nothing can have read it, and if it is part of a transaction over several shards, that is
 * prepared and undecided, which the cut waits for. The price is that a commit may wait for a cut, some milliseconds.
 * Requests that wait together share one cut.
 */
public final class Cuts {
    /** Commits are not held up longer for a shard that is slow; it gets another chance. */
    private static final Duration LONGEST_HOLD = Duration.ofMillis(500);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Cluster cluster;
    private final int home;
    private final ReentrantLock taking = new ReentrantLock(true);
    /** Guarded by this object's monitor. */
    private final List<Request> waiting = new ArrayList<>();

    /**
     * @param home the node from which leaders must be reached; 0 for all
     */
    public Cuts(Cluster cluster, int home) {
        this.cluster = cluster;
        this.home = home;
    }

    /** What a reader does while the state of all shards stands still. */
    @FunctionalInterface
    interface Pins {
        /** Pins one snapshot per shard; may be called again after {@link Cuts#take} found the cut to be none. */
        void pin(List<Replica> leaders, Deadline deadline) throws SQLException, InterruptedException;
    }

    private static final class Request {
        private final Pins pins;
        private volatile boolean done;
        private @Nullable SQLException failure;

        Request(Pins pins) {
            this.pins = pins;
        }
    }

    /**
     * Pins at one cut.
     *
     * @return false when there was none by the deadline
     * @throws SQLException the reader's own, from pinning
     */
    boolean take(Pins pins, Deadline deadline) throws SQLException, InterruptedException {
        Request mine = new Request(pins);
        synchronized (this) {
            waiting.add(mine);
        }
        try {
            while (!mine.done) {
                if (deadline.isPast() || !taking.tryLock(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
                    return false;
                }
                try {
                    // whoever waited before may have taken it for this one, too
                    if (!mine.done) {
                        takeForAll(deadline.atMost(LONGEST_HOLD));
                    }
                } finally {
                    taking.unlock();
                }
                if (!mine.done) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } finally {
            withdraw(mine);
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
        return true;
    }

    /** Afterwards nobody else touches the request or what it pins. */
    @SuppressWarnings("LockNotBeforeTry") // it only waits for whoever holds it
    private void withdraw(Request mine) {
        synchronized (this) {
            waiting.remove(mine);
            if (mine.done) {
                return;
            }
        }
        // one who takes a cut for it right now is done with it soon
        taking.lock();
        taking.unlock();
    }

    /** What they pinned is theirs: the next cut must not find them here, however late they come to look. */
    private synchronized void complete(List<Request> served) {
        served.forEach(request -> request.done = true);
        waiting.removeAll(served);
    }

    private void takeForAll(Deadline deadline) throws InterruptedException {
        List<ShardLeader> leaders = leaders();
        if (leaders == null) {
            return;
        }
        List<Long> terms =
                leaders.stream().map(leader -> leader.replica().status().term()).toList();
        leaders.forEach(leader -> leader.commits().close());
        try {
            if (!stand(leaders, deadline)) {
                return;
            }
            List<Request> served = pin(leaders, deadline);
            if (stillLead(leaders, terms, deadline)) {
                complete(served);
            }
        } finally {
            leaders.forEach(leader -> leader.commits().open());
        }
    }

    /**
     * Waits until nothing is under way; false when it takes too long. First no shard may have a commit in its gate, then
     * none may have anything prepared: a coordinator that leaves the gate without having told everybody has all its
     * participants prepared by then, and in the other order one that was looked at too early would be missed.
     */
    private static boolean stand(List<ShardLeader> leaders, Deadline deadline) throws InterruptedException {
        for (ShardLeader leader : leaders) {
            if (!leader.commits().awaitEmpty(deadline)) {
                return false;
            }
        }
        for (ShardLeader leader : leaders) {
            if (!leader.replica().awaitNothingPrepared(deadline)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable List<ShardLeader> leaders() {
        List<ShardLeader> leaders = new ArrayList<>(cluster.shards());
        for (int shard = 0; shard < cluster.shards(); shard++) {
            ShardLeader leader = leader(shard);
            if (leader == null) {
                return null;
            }
            leaders.add(leader);
        }
        return leaders;
    }

    /** Of those in reach that think they lead, the one of the highest term. */
    private @Nullable ShardLeader leader(int shard) {
        ShardLeader found = null;
        long term = 0;
        for (int node = 1; node <= cluster.nodes(); node++) {
            Replica replica = cluster.replica(node, shard);
            LogStatus status = replica.status();
            if (replica.isAlive() && status.leading() && status.term() > term && cluster.reaches(home, node)) {
                found = cluster.leader(node, shard);
                term = status.term();
            }
        }
        return found;
    }

    /** Whoever asked until now is served: nothing was acknowledged since that is not in the state that stands still. */
    private List<Request> pin(List<ShardLeader> leaders, Deadline deadline) throws InterruptedException {
        List<Request> served;
        synchronized (this) {
            served = List.copyOf(waiting);
        }
        List<Replica> replicas = leaders.stream().map(ShardLeader::replica).toList();
        for (Request request : served) {
            try {
                request.failure = null;
                request.pins.pin(replicas, deadline);
            } catch (SQLException e) {
                request.failure = e;
            }
        }
        return served;
    }

    /** A majority of each shard confirms, after the pins, that no later leader was elected before. */
    private static boolean stillLead(List<ShardLeader> leaders, List<Long> terms, Deadline deadline)
            throws InterruptedException {
        List<CompletableFuture<Long>> confirmed =
                leaders.stream().map(leader -> leader.replica().readIndex()).toList();
        for (int i = 0; i < confirmed.size(); i++) {
            try {
                confirmed.get(i).get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | TimeoutException e) {
                return false;
            }
            LogStatus status = leaders.get(i).replica().status();
            if (!status.leading() || status.term() != terms.get(i)) {
                return false;
            }
        }
        return true;
    }
}
