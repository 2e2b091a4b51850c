package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a replica that meets one rung's condition, and waits until one does. What it finds is tested against {@code
 * applied}, so it must be called before the query opens its storage snapshot.
 */
final class ReplicaSearch {
    private static final Rung AT_LEADER = Rung.of(Level.LINEARIZABLE);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ShardSession session;
    private final Rung rung;
    private final long needed;
    private final Deadline deadline;
    private final boolean isLinearizable;
    private int attempts;
    private @Nullable Exception lastFailure;
    private boolean noMajority;
    private boolean searched;
    private boolean waited;
    private long asked;

    /**
     * @param needed the index a replica must have applied because of what the session saw or wrote
     */
    ReplicaSearch(ShardSession session, Rung rung, long needed, Deadline deadline) {
        this.session = session;
        this.rung = rung;
        this.needed = needed;
        this.deadline = deadline;
        // sequential consistency does not compose: shard by shard each client's order would hold, and over all none
        this.isLinearizable = rung.level() == Level.LINEARIZABLE
                || (rung.level() == Level.SEQUENTIAL && session.vector().isOverSeveralShards());
    }

    /** The index a replica must have applied because of what the session saw or wrote. */
    static long needed(ShardSession session, Rung rung, Duration patience) throws SQLException {
        return Math.max(neededBySession(session, rung), session.neededAfter(rung.afterToken(), patience));
    }

    /** The same without what an AFTER token asks for. */
    static long neededBySession(ShardSession session, Rung rung) {
        return switch (rung.level()) {
            case LINEARIZABLE, SEQUENTIAL, SNAPSHOT -> session.seen();
            case READ_YOUR_WRITE -> session.written();
            case MONOTONIC_READ -> session.read();
            case BOUNDED_STALENESS, EVENTUAL, READ_UNCOMMITTED -> 0;
        };
    }

    /** The index looked for. */
    long needed() {
        return needed;
    }

    /** How many replicas were asked. */
    int attempts() {
        return attempts;
    }

    /** Whether any replica had to be waited for. */
    boolean hasWaited() {
        return waited;
    }

    /** Time is up: every replica that was asked missed the rung. */
    void missed(Duration patience) {
        for (int node = 1; node <= session.cluster().nodes(); node++) {
            if ((asked & 1L << node) != 0) {
                session.waits().measured(node, rung.level(), patience.toNanos(), false);
            }
        }
    }

    /** The last one that failed to answer, for a refusal's cause. */
    @Nullable
    Exception lastFailure() {
        return lastFailure;
    }

    /** A replica that was found failed under the query. */
    void failed(SQLException e) {
        lastFailure = e;
    }

    /** Whether a read index was asked for and no majority confirmed one. */
    boolean hasNoMajority() {
        return noMajority;
    }

    /**
     * The next replica to try: the one that served last if it is good enough without waiting, else the first of all that
     * gets there.
     *
     * @return null when none did in time
     * @throws SQLException 57014 when the wait was cancelled, 08001 when no replica can be reached
     */
    @Nullable
    Replica next() throws SQLException, InterruptedException {
        if (!searched) {
            searched = true;
            // most reads end here: no view, no sort, no allocation
            Replica recent = recent();
            if (recent != null) {
                attempts++;
                return recent;
            }
        }
        waited = true;
        return findCancellably();
    }

    /** The replica that served last, if it meets the rung now; null else. */
    @Nullable
    Replica recent() {
        Replica recent = session.replica(session.lastNode());
        return isReadyNow(recent) && recent.isServing() && recent.isReady() && session.reaches(recent.node())
                ? recent
                : null;
    }

    /** LINEARIZABLE never is: its round begins after the statement. READ_UNCOMMITTED wants the leader. */
    private boolean isReadyNow(Replica replica) {
        if (isLinearizable || rung.level() == Level.READ_UNCOMMITTED || replica.applied() < needed) {
            return false;
        }
        Duration bound = rung.maxStaleness();
        if (bound == null) {
            return true;
        }
        long nanos = bound.toNanos();
        replica.boundedReadAsked(nanos);
        return rung.maxEntries() == null && replica.stalenessNanos() <= nanos;
    }

    private @Nullable Replica findCancellably() throws SQLException, InterruptedException {
        session.beginWait();
        boolean cancelled;
        try {
            return find();
        } catch (InterruptedException e) {
            cancelled = session.endWait();
            if (cancelled) {
                throw Refusals.cancelled(rung, e);
            }
            throw e;
        } finally {
            session.endWait();
        }
    }

    /** Tries replica after replica until one meets the rung or time is up (null). */
    private @Nullable Replica find() throws SQLException, InterruptedException {
        Replica recent = session.replica(session.lastNode());
        if (isLinearizable
                && recent.isServing()
                && session.reaches(recent.node())
                && recent.status().leading()) {
            // most find the leader where it was
            ask(recent);
            if (satisfyLinearizable(recent, half())) {
                return recent;
            }
        }
        while (true) {
            ClusterView view = candidates();
            List<Integer> order = Router.order(isLinearizable ? AT_LEADER : rung, needed, view);
            for (int i = 0; i < order.size(); i++) {
                Replica replica = session.replica(order.get(i));
                if (!confirms() && !replica.isReady()) {
                    // restarted since it was looked at
                    continue;
                }
                ask(replica);
                if (rung.level() == Level.READ_UNCOMMITTED) {
                    return replica;
                }
                boolean isLast = i == order.size() - 1;
                Deadline slice = isLast ? deadline : half();
                if (satisfy(replica, slice)) {
                    return replica;
                }
            }
            if (order.isEmpty() && (deadline.isPast() || isHopeless())) {
                throw Refusals.nobodyReachable(session);
            }
            if (deadline.isPast()) {
                return null;
            }
            // nothing tells us of a new leader or a healed network; look again soon
            LockSupport.parkNanos(PAUSE_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** Whether no replica may serve before an index that was confirmed during this search is applied there. */
    private boolean confirms() {
        return isLinearizable || rung.level() == Level.BOUNDED_STALENESS;
    }

    private ClusterView candidates() {
        ClusterView ready = session.view();
        return ready.replicas().isEmpty() && confirms() ? session.running() : ready;
    }

    /** EVENTUAL waits for nobody, but for one that is just starting. */
    private boolean isHopeless() {
        return rung.level() == Level.EVENTUAL && session.running().replicas().isEmpty();
    }

    private void ask(Replica replica) {
        attempts++;
        asked |= 1L << replica.node();
    }

    /** No one replica may use up all the time while there are others. */
    private Deadline half() {
        return deadline.atMost(Duration.ofNanos(deadline.remainingNanos() / 2));
    }

    private boolean satisfy(Replica replica, Deadline slice) throws InterruptedException {
        return switch (rung.level()) {
            case LINEARIZABLE -> satisfyLinearizable(replica, slice);
            case BOUNDED_STALENESS -> satisfyBounded(replica, slice);
            case SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE, MONOTONIC_READ, EVENTUAL, READ_UNCOMMITTED ->
                isLinearizable ? satisfyLinearizable(replica, slice) : replica.awaitApplied(needed, slice);
        };
    }

    private boolean satisfyLinearizable(Replica replica, Deadline slice) throws InterruptedException {
        long t0 = replica.now();
        Long index = confirmed(replica, slice);
        if (index == null || !replica.awaitApplied(Math.max(index, needed), slice)) {
            return false;
        }
        replica.confirmedFresh(t0);
        // one that was seen in its home must not be missed here: who is prepared up to that index may be decided there
        return replica.awaitFinished(index, slice);
    }

    private boolean satisfyBounded(Replica replica, Deadline slice) throws InterruptedException {
        long boundNanos = Objects.requireNonNull(rung.maxStaleness()).toNanos();
        replica.boundedReadAsked(boundNanos);
        Long entries = rung.maxEntries();
        if (entries != null || replica.stalenessNanos() > boundNanos) {
            long t0 = replica.now();
            Long index = confirmed(replica, slice);
            if (index == null) {
                return false;
            }
            // at most n entries behind needs no more than index - n applied; to be young needs all of it
            boolean young = replica.stalenessNanos() <= boundNanos;
            long target = young && entries != null ? index - entries : index;
            if (!replica.awaitApplied(target, slice)) {
                return false;
            }
            if (target == index) {
                replica.confirmedFresh(t0);
            }
        }
        return replica.stalenessNanos() <= boundNanos && replica.awaitApplied(needed, slice);
    }

    /** A majority-confirmed index, or null when none came in time. */
    private @Nullable Long confirmed(Replica replica, Deadline slice) throws InterruptedException {
        try {
            return slice.await(replica.readIndex());
        } catch (ExecutionException | TimeoutException e) {
            noMajority = true;
            lastFailure = e;
            return null;
        }
    }
}
