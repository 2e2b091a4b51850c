package io.tunabledb.engine.execute;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.Parameters;
import io.tunabledb.engine.Result;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Reader.Mode;
import io.tunabledb.engine.shard.Replica;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Serves reads: finds a replica that meets the rung's condition, or waits until one does, then runs the query there.
 *
 * <p>The order that makes each promise true: the condition is tested against {@code applied} before the query opens its
 * storage snapshot, and the session records {@code applying} after the query has its result (see {@code AppliedIndex}).
 * Nothing waits for an index while it holds a snapshot.
 */
public final class ReadPath {
    private static final int SHARD = 0;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final SessionState session;
    /** The reader whose snapshot a read-only transaction has pinned, or null. */
    private @Nullable Reader pinned;

    private long pinnedIndex;

    public ReadPath(SessionState session) {
        this.session = session;
    }

    /** A read's text and what was decided for it. */
    public record Read(Query query, Agreement agreement, List<String> tables) {}

    /**
     * Serves a read by the first rung that can be met.
     *
     * @throws SQLException the last rung's TC001, TC002 or 08001; the query's own error at once
     */
    public Result read(Read read, Parameters parameters) throws SQLException {
        List<Rung> rungs = read.agreement().granted().rungs();
        Attempts attempts = new Attempts();
        for (int i = 0; ; i++) {
            try {
                return serve(rungs.get(i), read, parameters, attempts);
            } catch (SQLException e) {
                if (i == rungs.size() - 1 || !isRefusal(e)) {
                    throw e;
                }
                attempts.fellBack = rungs.get(i).text() + " was not met";
            }
        }
    }

    /** Which replicas would be tried for each rung, and whether they meet it now; runs nothing. */
    public List<String> explain(Agreement agreement) {
        List<String> lines = new ArrayList<>();
        for (Rung rung : agreement.granted().rungs()) {
            ClusterView view = session.view();
            long needed;
            try {
                needed = needed(rung, session.consistencyTimeout());
            } catch (SQLException e) {
                lines.add(rung.text() + ": " + e.getMessage());
                continue;
            }
            List<String> order = Router.order(rung, needed, view).stream()
                    .map(node -> describe(session.cluster().replica(node, SHARD)))
                    .toList();
            lines.add(rung.text() + ": " + condition(rung, needed) + "; tries "
                    + (order.isEmpty() ? "nobody, none can be reached" : String.join(", then ", order)));
        }
        return lines;
    }

    private static String condition(Rung rung, long needed) {
        return switch (rung.level()) {
            case LINEARIZABLE -> "a read index confirmed by a majority after the statement begins, applied";
            case SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE, MONOTONIC_READ -> "index " + needed + " applied";
            case BOUNDED_STALENESS -> "a freshness lease within the bound";
            case EVENTUAL -> "none";
            case READ_UNCOMMITTED -> "the leader, with what is not committed yet";
        };
    }

    private static String describe(Replica replica) {
        long staleness = replica.stalenessNanos();
        return replica.nodeName() + " (" + role(replica.status()) + ", index " + replica.applied()
                + (staleness == Long.MAX_VALUE ? "" : ", at most " + staleness / 1_000_000 + " ms old") + ")";
    }

    /** Lets go of a read-only transaction's snapshot, at its end. */
    public void endTransaction() throws SQLException {
        Reader reader = pinned;
        pinned = null;
        if (reader != null) {
            reader.unpin();
        }
    }

    private static final class Attempts {
        private int count;
        private @Nullable String fellBack;
        private @Nullable Exception lastFailure;
        private boolean noMajority;
    }

    private Result serve(Rung rung, Read read, Parameters parameters, Attempts attempts) throws SQLException {
        long startedNanos = System.nanoTime();
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        Duration queryTimeout = read.query().timeout();
        if (queryTimeout != null && queryTimeout.compareTo(patience) < 0) {
            patience = queryTimeout;
        }
        Deadline deadline = new Deadline(startedNanos + patience.toNanos());
        if (rung.level() == Level.SNAPSHOT && session.readOnly && !session.autoCommit) {
            Reader held = pinned;
            if (held != null) {
                return runPinned(held, rung, read, parameters, attempts);
            }
        }
        long needed = needed(rung, patience);
        try {
            // most reads find the replica that served last good enough again: no view, no sort, no allocation
            Replica recent = session.cluster().replica(session.lastNode(), SHARD);
            if (rung.level() != Level.LINEARIZABLE
                    && rung.level() != Level.READ_UNCOMMITTED
                    && isReadyNow(rung, recent, needed)
                    && recent.isAlive()
                    && session.reaches(recent.node())) {
                attempts.count++;
                Result result = runUnlessGone(rung, recent, read, parameters, attempts, startedNanos, deadline);
                if (result != null) {
                    return result;
                }
            }
            while (true) {
                Replica replica = findCancellably(rung, needed, deadline, attempts);
                if (replica == null) {
                    throw attempts.noMajority && rung.level() == Level.LINEARIZABLE
                            ? Refusals.noMajority(rung.text(), patience, session, attempts.lastFailure)
                            : Refusals.levelNotMet(rung, needed, patience, session, attempts.lastFailure);
                }
                Result result = runUnlessGone(rung, replica, read, parameters, attempts, startedNanos, deadline);
                if (result != null) {
                    return result;
                }
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** The index a replica must have applied because of what the session saw or wrote. */
    private long needed(Rung rung, Duration patience) throws SQLException {
        long needed = switch (rung.level()) {
            case LINEARIZABLE, SEQUENTIAL, SNAPSHOT ->
                Math.max(session.vector().read(SHARD), session.vector().write(SHARD));
            case READ_YOUR_WRITE -> session.vector().write(SHARD);
            case MONOTONIC_READ -> session.vector().read(SHARD);
            case BOUNDED_STALENESS, EVENTUAL, READ_UNCOMMITTED -> 0;
        };
        return Math.max(needed, session.neededAfter(rung.afterToken(), patience));
    }

    /** Whether a replica meets the rung without waiting. LINEARIZABLE never does: its round begins after the statement. */
    private static boolean isReadyNow(Rung rung, Replica replica, long needed) {
        if (replica.applied() < needed) {
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

    private @Nullable Replica findCancellably(Rung rung, long needed, Deadline deadline, Attempts attempts)
            throws SQLException, InterruptedException {
        session.beginWait();
        boolean cancelled;
        try {
            return find(rung, needed, deadline, attempts);
        } catch (InterruptedException e) {
            cancelled = session.endWait();
            if (cancelled) {
                throw Errors.of(
                        SqlState.CANCELLED, "the statement was cancelled while it waited for " + rung.text(), e);
            }
            throw e;
        } finally {
            session.endWait();
        }
    }

    /** Tries replica after replica until one meets the rung or time is up (null). */
    private @Nullable Replica find(Rung rung, long needed, Deadline deadline, Attempts attempts)
            throws SQLException, InterruptedException {
        Replica recent = session.cluster().replica(session.lastNode(), SHARD);
        if (rung.level() == Level.LINEARIZABLE
                && recent.isAlive()
                && session.reaches(recent.node())
                && recent.status().leading()) {
            // most find the leader where it was
            attempts.count++;
            if (satisfyLinearizable(
                    recent, needed, deadline.atMost(Duration.ofNanos(deadline.remainingNanos() / 2)), attempts)) {
                return recent;
            }
        }
        while (true) {
            ClusterView view = session.view();
            List<Integer> order = Router.order(rung, needed, view);
            for (int i = 0; i < order.size(); i++) {
                Replica replica = session.cluster().replica(order.get(i), SHARD);
                attempts.count++;
                if (rung.level() == Level.READ_UNCOMMITTED) {
                    return replica;
                }
                boolean isLast = i == order.size() - 1;
                Deadline slice = isLast ? deadline : deadline.atMost(Duration.ofNanos(deadline.remainingNanos() / 2));
                if (satisfy(rung, replica, needed, slice, attempts)) {
                    return replica;
                }
            }
            if (order.isEmpty() && (rung.level() == Level.EVENTUAL || deadline.isPast())) {
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

    private boolean satisfy(Rung rung, Replica replica, long needed, Deadline deadline, Attempts attempts)
            throws InterruptedException {
        return switch (rung.level()) {
            case LINEARIZABLE -> satisfyLinearizable(replica, needed, deadline, attempts);
            case BOUNDED_STALENESS -> satisfyBounded(rung, replica, needed, deadline, attempts);
            case SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE, MONOTONIC_READ, EVENTUAL, READ_UNCOMMITTED ->
                replica.awaitApplied(needed, deadline);
        };
    }

    private static boolean satisfyLinearizable(Replica replica, long needed, Deadline deadline, Attempts attempts)
            throws InterruptedException {
        long t0 = replica.now();
        Long index = confirmed(replica, deadline, attempts);
        if (index == null || !replica.awaitApplied(Math.max(index, needed), deadline)) {
            return false;
        }
        replica.confirmedFresh(t0);
        return true;
    }

    private static boolean satisfyBounded(Rung rung, Replica replica, long needed, Deadline deadline, Attempts attempts)
            throws InterruptedException {
        long boundNanos = Objects.requireNonNull(rung.maxStaleness()).toNanos();
        replica.boundedReadAsked(boundNanos);
        Long entries = rung.maxEntries();
        if (entries != null || replica.stalenessNanos() > boundNanos) {
            long t0 = replica.now();
            Long index = confirmed(replica, deadline, attempts);
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
        return replica.stalenessNanos() <= boundNanos && replica.awaitApplied(needed, deadline);
    }

    /** A majority-confirmed index, or null when none came in time. */
    private static @Nullable Long confirmed(Replica replica, Deadline deadline, Attempts attempts)
            throws InterruptedException {
        try {
            return replica.readIndex().get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            attempts.noMajority = true;
            attempts.lastFailure = e;
            return null;
        }
    }

    /** Null when the query may be tried again, there or elsewhere: the replica stopped under it, or grew too old. */
    private @Nullable Result runUnlessGone(
            Rung rung,
            Replica replica,
            Read read,
            Parameters parameters,
            Attempts attempts,
            long startedNanos,
            Deadline deadline)
            throws SQLException, InterruptedException {
        try {
            return run(rung, replica, read, parameters, attempts, startedNanos, deadline);
        } catch (SQLException e) {
            if (replica.isAlive() || deadline.isPast()) {
                throw e;
            }
            attempts.lastFailure = e;
            return null;
        }
    }

    /** Null when the rows are older than the bound by the time they would be read. */
    private @Nullable Result run(
            Rung rung,
            Replica replica,
            Read read,
            Parameters parameters,
            Attempts attempts,
            long startedNanos,
            Deadline deadline)
            throws SQLException, InterruptedException {
        Reader reader = session.reader(replica);
        if (!reader.enter(deadline)) {
            throw Refusals.levelNotMet(rung, 0, session.consistencyTimeout(), session, attempts.lastFailure);
        }
        long servedNanos = System.nanoTime();
        long staleness = replica.stalenessNanos();
        Duration bound = rung.maxStaleness();
        if (bound != null && staleness > bound.toNanos()) {
            // the lease ran out between the test and here, or a schema change held the query up
            reader.exit();
            return null;
        }
        ResultSet rows;
        long seen;
        try {
            boolean isSnapshot = rung.level() == Level.SNAPSHOT;
            reader.readmit();
            if (isSnapshot) {
                reader.pin();
            }
            boolean isKept = false;
            try {
                rows = execute(reader, mode(rung, replica), read.query(), parameters);
                seen = replica.applying();
                isKept = isSnapshot && session.readOnly && !session.autoCommit;
            } finally {
                if (isSnapshot && !isKept) {
                    reader.unpin();
                }
            }
            if (isKept) {
                pinned = reader;
                pinnedIndex = seen;
            }
        } finally {
            reader.exit();
        }
        session.servedBy(replica.node());
        session.vector().sawRead(SHARD, seen);
        return new Result(
                rows,
                -1,
                null,
                receipt(rung, replica, read, attempts, seen, staleness, servedNanos - startedNanos),
                null);
    }

    /** A later read of a read-only transaction: the snapshot is where it is. */
    private Result runPinned(Reader reader, Rung rung, Read read, Parameters parameters, Attempts attempts)
            throws SQLException {
        if (!reader.holdsPin() || !reader.replica().isAlive()) {
            throw Refusals.rolledBack("a schema change, or a replica rebuilt or stopped, took its snapshot", null);
        }
        attempts.count++;
        Replica replica = reader.replica();
        long staleness = replica.stalenessNanos();
        try {
            if (!reader.enter(Deadline.in(session.consistencyTimeout()))) {
                throw Refusals.rolledBack("a schema change took its snapshot", null);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        ResultSet rows;
        try {
            if (!reader.holdsPin()) {
                throw Refusals.rolledBack("a schema change took its snapshot", null);
            }
            rows = execute(reader, Mode.SNAPSHOT, read.query(), parameters);
        } catch (SQLException e) {
            if (replica.isAlive()) {
                throw e;
            }
            throw Refusals.rolledBack("the replica that held its snapshot stopped", e);
        } finally {
            reader.exit();
        }
        session.vector().sawRead(SHARD, pinnedIndex);
        return new Result(rows, -1, null, receipt(rung, replica, read, attempts, pinnedIndex, staleness, 0), null);
    }

    private ResultSet execute(Reader reader, Mode mode, Query query, Parameters parameters) throws SQLException {
        PreparedStatement statement = query.on(reader, mode);
        parameters.bind(statement);
        reader.running(statement);
        session.activate(reader);
        try {
            return statement.executeQuery();
        } catch (SQLException e) {
            if (reader.wasEvicted()) {
                throw Refusals.rolledBack("a schema change could not wait for the query any longer", e);
            }
            throw e;
        } finally {
            reader.idle();
        }
    }

    private static Mode mode(Rung rung, Replica replica) {
        return switch (rung.level()) {
            case SNAPSHOT -> Mode.SNAPSHOT;
            case READ_UNCOMMITTED -> replica.status().leading() ? Mode.UNCOMMITTED : Mode.COMMITTED;
            case LINEARIZABLE, SEQUENTIAL, READ_YOUR_WRITE, MONOTONIC_READ, BOUNDED_STALENESS, EVENTUAL ->
                Mode.COMMITTED;
        };
    }

    private static Receipt receipt(
            Rung rung, Replica replica, Read read, Attempts attempts, long seen, long staleness, long waitedNanos) {
        LogStatus status = replica.status();
        Agreement agreement = read.agreement();
        String reason = attempts.fellBack != null ? attempts.fellBack : agreement.reason();
        if (rung.level() == Level.READ_UNCOMMITTED && !status.leading()) {
            reason = "the leader is unknown, so committed rows were served, as EVENTUAL does";
        }
        return new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                rung,
                reason,
                List.of(new Receipt.Served(
                        SHARD,
                        replica.nodeName(),
                        role(status),
                        seen,
                        staleness == Long.MAX_VALUE ? null : Duration.ofNanos(staleness),
                        Duration.ofNanos(waitedNanos))),
                attempts.count,
                read.tables());
    }

    static String role(LogStatus status) {
        return status.leading() ? "LEADER" : status.leader() != 0 ? "FOLLOWER" : "UNKNOWN";
    }

    /** A refusal lets the next rung try; the query's own error does not. */
    private static boolean isRefusal(SQLException e) {
        String state = e.getSQLState();
        return SqlState.LEVEL_NOT_MET.code().equals(state)
                || SqlState.NO_MAJORITY.code().equals(state)
                || SqlState.CANNOT_CONNECT.code().equals(state);
    }
}
