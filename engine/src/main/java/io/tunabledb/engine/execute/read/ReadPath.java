package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.serve.ReplicaRead;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.QueuedWrites;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.monitor.AuditSample;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.route.Router;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.cut.CutPin;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Serves a session's reads of one shard: finds a replica that meets the rung's condition ({@link ReplicaSearch}), runs the query
 * there, beside the session ({@link OwnReads}) or at another node ({@link OtherReads}), and notes what was seen.
 */
public final class ReadPath {
    private final ShardSession session;
    private final OwnReads own;
    private final OtherReads other;
    /** The replica whose reader was readied last to be pinned at a cut. */
    private @Nullable Replica ready;
    /** The snapshot that a read-only transaction, or a statement's cut, has pinned, or null. */
    private @Nullable Pinned pinned;

    public ReadPath(ShardSession session) {
        this.session = session;
        this.own = new OwnReads(session);
        this.other = new OtherReads(session);
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
            Pinned held = pinned;
            if (held != null && isKept(session.state(), rung)) {
                return readPinned(
                        held, attempt(read, parameters, rung, 0, fellBack, attempts, startedNanos, deadline, false));
            }
            ReplicaSearch search = null;
            try {
                long queued = QueuedWrites.settle(session, rung, deadline);
                long needed = Math.max(queued, ReplicaSearch.needed(session, rung, patience));
                search = new ReplicaSearch(session, rung, needed, deadline);
                boolean isAudited = session.audits().takes(rung.level());
                return serve(
                        attempt(read, parameters, rung, needed, fellBack, attempts, startedNanos, deadline, isAudited),
                        search,
                        patience);
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

    private Attempt attempt(
            Read read,
            Parameters parameters,
            Rung rung,
            long needed,
            @Nullable String fellBack,
            int earlier,
            long startedNanos,
            Deadline deadline,
            boolean isAudited) {
        return new Attempt(
                read,
                parameters,
                rung,
                needed,
                fellBack,
                earlier,
                isKept(session.state(), rung),
                isAudited,
                startedNanos,
                deadline);
    }

    private Result serve(Attempt attempt, ReplicaSearch search, Duration patience) throws SQLException {
        Rung rung = attempt.rung();
        try {
            while (search.next()) {
                Result result = servedBy(attempt, search);
                if (result != null) {
                    return result;
                }
            }
            search.missed(patience);
            throw search.hasNoMajority() && rung.level() == Level.LINEARIZABLE
                    ? Refusals.noMajority(rung.text(), patience, session, search.lastFailure())
                    : Refusals.levelNotMet(rung, search.needed(), patience, session, search.lastFailure());
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        } catch (StalePlanException e) {
            // it may be this replica that lags; the leader is the first to know
            int leader = Router.leader(session.view());
            session.servedBy(leader == 0 ? search.node() : leader);
            throw e;
        }
    }

    /** Null when the replica that the search has come to can't serve it: it may be tried again, there or elsewhere. */
    private @Nullable Result servedBy(Attempt attempt, ReplicaSearch search) throws SQLException, InterruptedException {
        Replica replica = search.own();
        if (replica == null) {
            OtherReads.Found found = other.read(attempt, search);
            return found == null ? null : served(attempt, search, found.served(), found.role());
        }
        ReplicaRead.Served served = own.read(attempt, search, replica);
        return served == null ? null : served(attempt, search, served, replica.status());
    }

    private Result served(Attempt attempt, ReplicaSearch search, ReplicaRead.Served served, LogStatus role) {
        int node = search.node();
        Rung rung = attempt.rung();
        if (attempt.isAudited()) {
            sample(attempt, node, served);
        }
        if (attempt.keepsSnapshot()) {
            Replica replica = search.own();
            pinned = replica == null ? other.pinned(node, served.seen()) : own.pinned(replica, served.seen());
        }
        if (search.hasWaited()) {
            session.waits().measured(node, rung.level(), served.waitedNanos(), true);
        }
        session.servedBy(node);
        session.sawRead(served.seen());
        return attempt.result(served, session.shard(), node, role, attempt.earlierAttempts() + search.attempts());
    }

    private void sample(Attempt attempt, int node, ReplicaRead.Served served) {
        Rung rung = attempt.rung();
        boolean sinceBegin = rung.level() == Level.LINEARIZABLE;
        session.audits()
                .sampled(new AuditSample(
                        rung,
                        attempt.read().agreement().decidedBy(),
                        attempt.read().tables(),
                        session.shard(),
                        "n" + node,
                        served.newestSeen(),
                        attempt.required(),
                        attempt.startedNanos() + (sinceBegin ? 0 : served.waitedNanos())));
    }

    /** A later read of a read-only transaction: the snapshot is where it is. */
    private Result readPinned(Pinned held, Attempt attempt) throws SQLException {
        Result result = held.read(attempt);
        session.sawRead(held.index());
        return result;
    }

    /** Readies the session's reader of {@code replica} to be pinned at a cut: all that takes time is done here. */
    public CutPin readyForCut(Replica replica, Deadline deadline) throws SQLException, InterruptedException {
        endTransaction();
        CutPin pin = own.readyForCut(replica, deadline);
        ready = replica;
        return pin;
    }

    /** Later reads that keep their snapshot, and {@link #readPinned}, are served from this until {@link #endTransaction}. */
    public void pinnedAt(CutPin pin) {
        pinned = own.pinned(
                Objects.requireNonNull(ready, "no reader was readied"),
                pin.pinned().join());
    }

    /** Reads the snapshot of a cut. */
    public Result readPinned(Read read, Parameters parameters, Rung rung, Deadline deadline) throws SQLException {
        Pinned held = Objects.requireNonNull(pinned, "no snapshot is pinned");
        return readPinned(held, attempt(read, parameters, rung, 0, null, 0, System.nanoTime(), deadline, false));
    }

    /** Lets go of a read-only transaction's snapshot, at its end. */
    public void endTransaction() throws SQLException {
        Pinned held = pinned;
        pinned = null;
        if (held != null) {
            held.unpin();
        }
    }

    /** The session reads no more. */
    public void close() {
        other.close();
    }

    /** A refusal lets the next rung try; the query's own error does not. */
    public static boolean isRefusal(SQLException e) {
        String state = e.getSQLState();
        return SqlState.LEVEL_NOT_MET.code().equals(state)
                || SqlState.NO_MAJORITY.code().equals(state)
                || SqlState.CANNOT_CONNECT.code().equals(state);
    }
}
