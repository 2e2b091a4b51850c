package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.serve.ReplicaWait;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.message.Condition;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a replica that meets one rung's condition. One that the session may read by reference is waited for here, before the
 * query opens its storage snapshot there; any other is only chosen, by what is heard of it, and waits itself.
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
    /** Who is still to be tried, best first. */
    private List<Integer> order = List.of();

    private int position;
    private boolean hasLookedAround;
    private int node;
    private @Nullable Replica own;
    private Deadline slice;

    /**
     * @param needed the index a replica must have applied because of what the session saw or wrote
     */
    ReplicaSearch(ShardSession session, Rung rung, long needed, Deadline deadline) {
        this.session = session;
        this.rung = rung;
        this.needed = needed;
        this.deadline = deadline;
        this.slice = deadline;
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
    void failed(Exception e) {
        lastFailure = e;
    }

    /** A replica that was found does not meet the rung, after all. */
    void notMet(@Nullable String unconfirmed) {
        if (unconfirmed != null) {
            noMajority = true;
            lastFailure = new IOException(unconfirmed);
        }
    }

    /** Whether a read index was asked for and no majority confirmed one. */
    boolean hasNoMajority() {
        return noMajority;
    }

    /**
     * Goes to the next replica to try: the one that served last if it is good enough without waiting, else the first of all that
     * gets there.
     *
     * @return false when none did in time
     * @throws SQLException 57014 when the wait was cancelled, 08001 when no replica can be reached
     */
    boolean next() throws SQLException, InterruptedException {
        if (attempts > 0 && deadline.isPast()) {
            return false;
        }
        if (!searched) {
            searched = true;
            // most reads end here: no view, no sort, no allocation
            Replica recent = recent();
            if (recent != null) {
                attempts++;
                found(recent.node(), recent, deadline);
                return true;
            }
        }
        waited = true;
        return findCancellably();
    }

    /** The node of the replica to try. */
    int node() {
        return node;
    }

    /** That replica, which meets the rung, if the session may read it by reference; null when it is to be asked. */
    @Nullable
    Replica own() {
        return own;
    }

    /** By when it must meet the rung if it is to be asked: there may be others. */
    Deadline slice() {
        return slice;
    }

    private void found(int at, @Nullable Replica byReference, Deadline until) {
        node = at;
        own = byReference;
        slice = until;
    }

    /** What a replica must meet. */
    Condition condition() {
        if (isLinearizable) {
            return new Condition.Linearizable(needed);
        }
        return rung.level() == Level.BOUNDED_STALENESS
                ? new Condition.Bounded(Objects.requireNonNull(rung.maxStaleness()), rung.maxEntries(), needed)
                : new Condition.Applied(needed);
    }

    /** The replica that served last, if it meets the rung now; null else. */
    @Nullable
    Replica recent() {
        Replica recent = session.own(session.lastNode());
        return recent != null
                        && isReadyNow(recent)
                        && recent.isServing()
                        && recent.isReady()
                        && session.reaches(recent.node())
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

    private boolean findCancellably() throws SQLException, InterruptedException {
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

    /** Goes on from replica to replica until there is one that meets the rung, or is to be asked, or time is up. */
    private boolean find() throws SQLException, InterruptedException {
        if (!hasLookedAround && isAtLeader()) {
            return true;
        }
        while (true) {
            while (position < order.size()) {
                int next = order.get(position++);
                if (isFound(next, position == order.size() ? deadline : half())) {
                    return true;
                }
            }
            if (hasLookedAround) {
                if (order.isEmpty() && (deadline.isPast() || isHopeless())) {
                    throw Refusals.nobodyReachable(session);
                }
                if (deadline.isPast()) {
                    return false;
                }
                // nothing tells us of a new leader or a healed network; look again soon
                LockSupport.parkNanos(PAUSE_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            hasLookedAround = true;
            order = Router.order(isLinearizable ? AT_LEADER : rung, needed, candidates());
            position = 0;
        }
    }

    /** Most find the leader where it was. */
    private boolean isAtLeader() throws InterruptedException {
        Replica recent = isLinearizable ? session.own(session.lastNode()) : null;
        if (recent == null
                || !recent.isServing()
                || !session.reaches(recent.node())
                || !recent.status().leading()) {
            return false;
        }
        ask(recent.node());
        return meets(recent, half());
    }

    /** Whether a replica meets the rung, or will say so itself. */
    private boolean isFound(int candidate, Deadline until) throws InterruptedException {
        Replica replica = session.own(candidate);
        if (replica == null) {
            ask(candidate);
            found(candidate, null, until);
            return true;
        }
        if (!confirms() && !replica.isReady()) {
            // restarted since it was looked at
            return false;
        }
        ask(candidate);
        return meets(replica, until);
    }

    private boolean meets(Replica replica, Deadline until) throws InterruptedException {
        ReplicaWait wait = new ReplicaWait(replica, until);
        boolean isMet = wait.meets(condition());
        Exception unconfirmed = wait.unconfirmed();
        if (unconfirmed != null) {
            noMajority = true;
            lastFailure = unconfirmed;
        }
        if (isMet) {
            found(replica.node(), replica, until);
        }
        return isMet;
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

    private void ask(int candidate) {
        attempts++;
        asked |= 1L << candidate;
    }

    /** No one replica may use up all the time while there are others. */
    private Deadline half() {
        return deadline.atMost(Duration.ofNanos(deadline.remainingNanos() / 2));
    }
}
