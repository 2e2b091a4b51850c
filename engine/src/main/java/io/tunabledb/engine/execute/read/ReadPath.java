package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.QueuedWrites;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SchemaDoubt;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.monitor.AuditSample;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Reader.Mode;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.cut.CutPin;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Serves reads: finds a replica that meets the rung's condition ({@link ReplicaSearch}), then runs the query there.
 *
 * <p>The order that makes each promise true: the condition is tested against {@code applied} before the query opens its
 * storage snapshot, and the session records {@code applying} after the query has its result (see {@code AppliedIndex}).
 * Nothing waits for an index while it holds a snapshot.
 */
public final class ReadPath {
    private final ShardSession session;
    /** The reader that was readied last to be pinned at a cut. */
    private @Nullable Reader ready;
    /** The reader whose snapshot a read-only transaction, or a statement's cut, has pinned, or null. */
    private @Nullable Reader pinned;

    private long pinnedIndex;

    public ReadPath(ShardSession session) {
        this.session = session;
    }

    /**
     * A read's text and what was decided for it.
     *
     * @param placementVersion where its tables were when it was planned
     */
    public record Read(
            StorageStatement query, Agreement agreement, List<String> tables, PlacementVersion placementVersion) {

        /** The same with a text that does a part of its work. */
        public Read with(StorageStatement part) {
            return new Read(part, agreement, tables, placementVersion);
        }

        /** The same by another agreement. */
        public Read by(Agreement other) {
            return new Read(query, other, tables, placementVersion);
        }
    }

    /**
     * One try to serve a read by one rung.
     *
     * @param required the index that the replica must have applied because of what the session saw and wrote
     */
    private record Attempt(
            Read read,
            Parameters parameters,
            Rung rung,
            long required,
            @Nullable String fellBack,
            int earlierAttempts,
            long startedNanos,
            Deadline deadline) {}

    /** What a replica had and gave. */
    private record Served(ResultSet rows, long seen, long stalenessNanos, long waitedNanos) {}

    /**
     * Serves a read by the first rung that can be met.
     *
     * @throws SQLException the last rung's TC001, TC002 or 08001; the query's own error at once
     */
    public Result read(Read read, Parameters parameters) throws SQLException {
        List<Rung> rungs = read.agreement().granted().rungs();
        String fellBack = null;
        int attempts = 0;
        int i = 0;
        if (rungs.size() > 1 && pinned == null && !isReadyNow(rungs.get(0))) {
            LadderStart start = LadderStart.of(session, rungs);
            i = start.rung();
            fellBack = i == 0 ? null : start.whyNot(rungs);
        }
        for (; ; i++) {
            Rung rung = rungs.get(i);
            long startedNanos = System.nanoTime();
            Duration patience = patience(rung, read.query());
            Deadline deadline = Deadline.in(patience, startedNanos);
            Reader held = pinned;
            if (held != null && isKept(session.state(), rung)) {
                return runPinned(
                        held, new Attempt(read, parameters, rung, 0, fellBack, attempts, startedNanos, deadline));
            }
            ReplicaSearch search = null;
            try {
                long queued = QueuedWrites.settle(session, rung, deadline);
                long needed = Math.max(queued, ReplicaSearch.needed(session, rung, patience));
                search = new ReplicaSearch(session, rung, needed, deadline);
                Attempt attempt =
                        new Attempt(read, parameters, rung, needed, fellBack, attempts, startedNanos, deadline);
                return serve(attempt, search, patience);
            } catch (SQLException e) {
                if (i == rungs.size() - 1 || !isRefusal(e)) {
                    throw e;
                }
                fellBack = "fell to rung " + (i + 2) + ": " + rung.text() + " was not met";
                attempts += search == null ? 0 : search.attempts();
            }
        }
    }

    /** Most ladders end at their first rung, on the replica that served last: nothing to foretell then. */
    private boolean isReadyNow(Rung rung) {
        return rung.afterToken() == null
                && new ReplicaSearch(
                                        session,
                                        rung,
                                        ReplicaSearch.neededBySession(session, rung),
                                        Deadline.in(Duration.ZERO))
                                .recent()
                        != null;
    }

    private Duration patience(Rung rung, StorageStatement query) {
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        Duration queryTimeout = query.timeout();
        return queryTimeout != null && queryTimeout.compareTo(patience) < 0 ? queryTimeout : patience;
    }

    /** Whether the snapshot stays for the transaction's later reads. */
    public static boolean isKept(SessionState state, Rung rung) {
        return rung.level() == Level.SNAPSHOT && state.mode().keepsSnapshot();
    }

    private Result serve(Attempt attempt, ReplicaSearch search, Duration patience) throws SQLException {
        Rung rung = attempt.rung;
        try {
            while (true) {
                Replica replica = search.next();
                if (replica == null) {
                    search.missed(patience);
                    throw search.hasNoMajority() && rung.level() == Level.LINEARIZABLE
                            ? Refusals.noMajority(rung.text(), patience, session, search.lastFailure())
                            : Refusals.levelNotMet(rung, search.needed(), patience, session, search.lastFailure());
                }
                Served served;
                try {
                    served = runUnlessGone(attempt, search, replica);
                } catch (SQLException e) {
                    if (!SchemaDoubt.isResolved(e, replica, attempt.deadline)) {
                        throw e;
                    }
                    served = runUnlessGone(attempt, search, replica);
                }
                if (served != null) {
                    if (search.hasWaited()) {
                        session.waits().measured(replica.node(), rung.level(), served.waitedNanos, true);
                    }
                    session.servedBy(replica.node());
                    session.sawRead(served.seen);
                    int attempts = attempt.earlierAttempts + search.attempts();
                    return new Result(served.rows, -1, null, receipt(attempt, replica, served, attempts), null);
                }
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** Null when the query may be tried again, there or elsewhere: the replica stopped under it, or grew too old. */
    private @Nullable Served runUnlessGone(Attempt attempt, ReplicaSearch search, Replica replica)
            throws SQLException, InterruptedException {
        try {
            return run(attempt, search, replica);
        } catch (SQLException e) {
            if (replica.isServing() || attempt.deadline.isPast()) {
                throw e;
            }
            search.failed(e);
            return null;
        }
    }

    /** Null when the rows are older than the bound by the time they would be read. */
    private @Nullable Served run(Attempt attempt, ReplicaSearch search, Replica replica)
            throws SQLException, InterruptedException {
        Rung rung = attempt.rung;
        Reader reader = session.reader(replica);
        if (!isKept(session.state(), rung)) {
            return run(attempt, search, reader);
        }
        reader.reserve(true, attempt.deadline);
        try {
            return run(attempt, search, reader);
        } finally {
            reader.releaseUnpinned();
        }
    }

    private @Nullable Served run(Attempt attempt, ReplicaSearch search, Reader reader)
            throws SQLException, InterruptedException {
        Rung rung = attempt.rung;
        Replica replica = reader.replica();
        if (!reader.enter(attempt.read.tables(), attempt.deadline)) {
            throw Refusals.levelNotMet(rung, 0, session.consistencyTimeout(), session, search.lastFailure());
        }
        try {
            long waited = System.nanoTime() - attempt.startedNanos;
            long staleness = replica.stalenessNanos();
            Duration bound = rung.maxStaleness();
            if (bound != null && staleness > bound.toNanos()) {
                // the lease ran out between the test and here, or a schema change held the query up
                return null;
            }
            requireFooting(attempt.read, replica);
            reader.readmit();
            boolean isAudited = session.audits().takes(rung.level());
            return rung.level() == Level.SNAPSHOT || isAudited
                    ? runInSnapshot(attempt, reader, staleness, waited, isAudited)
                    : query(attempt, reader, mode(rung, replica), staleness, waited);
        } finally {
            // an error tells of the rows, too
            session.sawEpoch(replica);
            reader.exit();
        }
    }

    private void requireFooting(Read read, Replica replica) throws SQLException {
        try {
            read.placementVersion().require(replica);
        } catch (StalePlanException e) {
            // it may be this replica that lags; the leader is the first to know
            int leader = Router.leader(session.view());
            session.servedBy(leader == 0 ? replica.node() : leader);
            throw e;
        }
    }

    /** A read to be audited runs so whatever its level: only there storage can say what else the rows' snapshot has. */
    private Served runInSnapshot(Attempt attempt, Reader reader, long staleness, long waited, boolean isAudited)
            throws SQLException {
        boolean kept = false;
        try {
            reader.pin();
            Served served = query(attempt, reader, Mode.SNAPSHOT, staleness, waited);
            if (isAudited) {
                sample(attempt, reader, waited);
            }
            if (isKept(session.state(), attempt.rung)) {
                pinned = reader;
                pinnedIndex = served.seen;
                kept = true;
            }
            return served;
        } finally {
            if (!kept) {
                reader.unpin();
            }
        }
    }

    private void sample(Attempt attempt, Reader reader, long waited) throws SQLException {
        boolean sinceBegin = attempt.rung.level() == Level.LINEARIZABLE;
        session.audits()
                .sampled(new AuditSample(
                        attempt.rung,
                        attempt.read.agreement().decidedBy(),
                        attempt.read.tables(),
                        session.shard(),
                        reader.replica().nodeName(),
                        reader.newestSeen(),
                        attempt.required,
                        attempt.startedNanos + (sinceBegin ? 0 : waited)));
    }

    private Served query(Attempt attempt, Reader reader, Mode mode, long staleness, long waited) throws SQLException {
        ResultSet rows = execute(reader, mode, attempt.read.query(), attempt.parameters);
        return new Served(rows, reader.replica().applying(), staleness, waited);
    }

    /** A later read of a read-only transaction: the snapshot is where it is. */
    private Result runPinned(Reader reader, Attempt attempt) throws SQLException {
        Replica replica = reader.replica();
        if (!reader.holdsPin() || !replica.isServing()) {
            throw Refusals.rolledBack("a schema change, or a replica rebuilt or stopped, took its snapshot", null);
        }
        long staleness = replica.stalenessNanos();
        try {
            if (!reader.enter(attempt.deadline)) {
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
            requirePinnedFooting(replica, attempt);
            rows = executePinned(reader, attempt);
        } catch (SQLException e) {
            if (replica.isServing()) {
                throw e;
            }
            throw Refusals.rolledBack("the replica that held its snapshot stopped", e);
        } finally {
            reader.exit();
        }
        session.sawRead(pinnedIndex);
        Served served = new Served(rows, pinnedIndex, staleness, 0);
        return new Result(rows, -1, null, receipt(attempt, replica, served, attempt.earlierAttempts + 1), null);
    }

    /**
     * Storage keeps what a costly query gave until its tables change, but not beyond the end of a snapshot, and a statement's own
     * cut ends with it. So where nothing changes the query runs beside its snapshot, over what is committed: that is the same as
     * long as no entry is applied. The replica says that it is about to apply one before storage has it, so if it has said nothing
     * from before the snapshot was pinned until the result is there, no commit came between. Tried only if nothing was applied since
     * the same query ran here last: where there is something to gain, and where it won't be done twice.
     */
    private ResultSet executePinned(Reader reader, Attempt attempt) throws SQLException {
        StorageStatement query = attempt.read.query();
        Replica replica = reader.replica();
        boolean mayBeKept = !isKept(session.state(), attempt.rung)
                && query.isAskedAgain(reader, pinnedIndex)
                && replica.applying() == pinnedIndex
                && query.keepsResult(reader, Mode.COMMITTED);
        if (mayBeKept) {
            ResultSet rows = execute(reader, Mode.COMMITTED, query, attempt.parameters);
            if (replica.applying() == pinnedIndex && reader.holdsPin()) {
                return rows;
            }
            rows.close();
        }
        return execute(reader, Mode.SNAPSHOT, query, attempt.parameters);
    }

    /** A snapshot that is kept sees the tables where they were when it was taken, and can't be planned again. */
    private void requirePinnedFooting(Replica replica, Attempt attempt) throws SQLException {
        try {
            attempt.read.placementVersion().require(replica);
        } catch (StalePlanException e) {
            throw isKept(session.state(), attempt.rung)
                    ? Refusals.rolledBack("its tables were moved to other shards after its snapshot was taken", e)
                    : e;
        }
    }

    /** Readies the session's reader of {@code replica} to be pinned at a cut: all that takes time is done here. */
    public CutPin readyForCut(Replica replica, Deadline deadline) throws SQLException, InterruptedException {
        endTransaction();
        Reader reader = session.reader(replica);
        if (!reader.enter(deadline)) {
            throw Refusals.blockedByDefinition(session);
        }
        try {
            reader.readmit();
            reader.connection(Mode.SNAPSHOT);
        } finally {
            reader.exit();
        }
        reader.reserve(session.state().mode().keepsSnapshot(), deadline);
        ready = reader;
        return new CutPin(reader);
    }

    /** Later reads that keep their snapshot, and {@link #readPinned}, are served from this until {@link #endTransaction}. */
    public void pinnedAt(CutPin pin) {
        pinned = ready;
        pinnedIndex = pin.pinned().join();
    }

    /** Reads the snapshot of a cut. */
    public Result readPinned(Read read, Parameters parameters, Rung rung, Deadline deadline) throws SQLException {
        Attempt attempt = new Attempt(read, parameters, rung, 0, null, 0, System.nanoTime(), deadline);
        return runPinned(Objects.requireNonNull(pinned, "no snapshot is pinned"), attempt);
    }

    /** Lets go of a read-only transaction's snapshot, at its end. */
    public void endTransaction() throws SQLException {
        Reader reader = pinned;
        pinned = null;
        if (reader != null) {
            reader.unpin();
        }
    }

    private ResultSet execute(Reader reader, Mode mode, StorageStatement query, Parameters parameters)
            throws SQLException {
        PreparedStatement statement = query.on(reader, mode);
        parameters.bind(statement);
        reader.running(statement);
        session.activate(reader);
        try {
            // a cancel that came before this was storage's to run is not storage's to know
            session.state().underway().requireGoingOn();
            ResultSet rows = session.state().time().read(statement.getConnection(), statement::executeQuery);
            query.executed();
            if (reader.isDiscarded()) {
                rows.close();
                throw Refusals.rolledBack("a schema change went on beside the query, which could not be ended", null);
            }
            return rows;
        } catch (SQLException e) {
            // an eviction may come too late for the statement it meant and cancel the next one
            boolean isStray = SqlState.CANCELLED.code().equals(e.getSQLState())
                    && !reader.wasCancelled()
                    && query.timeout() == null
                    && !session.state().settings().hasQueryTimeout();
            if (reader.wasEvicted() || reader.isDiscarded() || isStray) {
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

    private static Receipt receipt(Attempt attempt, Replica replica, Served served, int attempts) {
        LogStatus status = replica.status();
        Agreement agreement = attempt.read.agreement();
        String reason = agreement.reason();
        if (attempt.fellBack != null) {
            reason = reason == null ? attempt.fellBack : reason + "; " + attempt.fellBack;
        }
        if (attempt.rung.level() == Level.READ_UNCOMMITTED && !status.leading()) {
            reason = "the leader is unknown, so committed rows were served, as EVENTUAL does";
        }
        long staleness = served.stalenessNanos;
        return new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                attempt.rung,
                reason,
                List.of(new Receipt.Served(
                        replica.shard(),
                        replica.nodeName(),
                        RouteExplanation.role(status),
                        served.seen,
                        attempt.required,
                        staleness == Long.MAX_VALUE ? null : Duration.ofNanos(staleness),
                        Duration.ofNanos(served.waitedNanos))),
                attempts,
                attempt.read.tables());
    }

    /** A refusal lets the next rung try; the query's own error does not. */
    public static boolean isRefusal(SQLException e) {
        String state = e.getSQLState();
        return SqlState.LEVEL_NOT_MET.code().equals(state)
                || SqlState.NO_MAJORITY.code().equals(state)
                || SqlState.CANNOT_CONNECT.code().equals(state);
    }
}
