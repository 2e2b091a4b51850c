package io.tunabledb.engine.execute.scatter;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.read.Cuts;
import io.tunabledb.engine.execute.read.ReadPath;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.plan.placement.KeyValues;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.engine.shard.cut.CutPin;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A session's reads on however many shards they touch. What one shard can answer goes down that shard's {@link ReadPath} as
 * if there were no others. For the rest rows are brought together ({@link GatheredStatements}): at the levels that promise
 * one state of everything from one cut through all shards ({@link Cuts}), at the others from each shard by itself.
 */
public final class Reads implements AutoCloseable {
    private final SessionState state;
    private final @Nullable ReadPath[] paths;
    private final GatheredStatements gathered;
    private final Cuts cuts;
    /** Whether every path's snapshot is pinned, at one cut. */
    private boolean cut;

    /** @param writes has the session's local temporary tables */
    public Reads(SessionState state, Writes writes) {
        this.state = state;
        this.paths = new @Nullable ReadPath[state.cluster().shards()];
        this.gathered = new GatheredStatements(state, writes.paths());
        this.cuts = new Cuts(state, false);
    }

    private ReadPath at(int shard) {
        ReadPath known = paths[shard];
        if (known == null) {
            known = new ReadPath(state.at(shard));
            paths[shard] = known;
        }
        return known;
    }

    /**
     * Serves a read by the first rung that can be met.
     *
     * @throws SQLException the last rung's TC001, TC002 or 08001; the query's own error at once
     */
    public Result read(ReadPath.Read read, Placement placement, Parameters parameters) throws SQLException {
        ShardRoute route = placement.route(parameters::value);
        if (paths.length > 1
                && ReadPath.isKept(state, read.agreement().granted().first())) {
            // which shards the transaction will read nobody knows yet
            keepCut(read);
        }
        if (route instanceof ShardRoute.OneShard one) {
            return at(one.isAny() ? state.vector().anyTouched() : one.shard()).read(read, parameters);
        }
        return gather(read, (ShardRoute.Gather) route, parameters);
    }

    /**
     * What is fetched for a statement that needs rows of several shards in one place, and what becomes of it; nothing for any
     * other. Parameters are not known, so it may need fewer shards than it seems.
     *
     * @throws SQLException storage's, if the statement is wrong
     */
    public List<String> describe(String sql, Placement placement) throws SQLException {
        return placement.route(KeyValues.UNKNOWN) instanceof ShardRoute.Gather route
                ? gathered.describe(sql, route)
                : List.of();
    }

    private Result gather(ReadPath.Read read, ShardRoute.Gather route, Parameters parameters) throws SQLException {
        List<Rung> rungs = read.agreement().granted().rungs();
        state.time().share();
        String fellBack = null;
        for (int i = 0; ; i++) {
            Agreement agreement = only(read.agreement(), rungs.get(i), fellBack);
            try {
                ReadPath.Read once = read.by(agreement);
                return needsCut(rungs.get(i))
                        ? gatherAtCut(once, route, parameters)
                        : gatherApart(once, route, parameters);
            } catch (SQLException e) {
                if (i == rungs.size() - 1 || !ReadPath.isRefusal(e)) {
                    throw e;
                }
                fellBack = "fell to rung " + (i + 2) + ": " + rungs.get(i).text() + " was not met";
            }
        }
    }

    private static Agreement only(Agreement agreement, Rung rung, @Nullable String fellBack) {
        String reason = agreement.reason();
        return new Agreement(
                agreement.asked(),
                agreement.decidedBy(),
                new Ladder(List.of(rung)),
                fellBack == null ? reason : reason == null ? fellBack : reason + "; " + fellBack,
                agreement.notices());
    }

    /** Whether a rung over several shards is served from one cut. SEQUENTIAL is served as LINEARIZABLE: shard by shard it would not compose. */
    public static boolean needsCut(Rung rung) {
        return switch (rung.level()) {
            case LINEARIZABLE, SEQUENTIAL, SNAPSHOT -> true;
            case READ_YOUR_WRITE, MONOTONIC_READ, BOUNDED_STALENESS, EVENTUAL, READ_UNCOMMITTED -> false;
        };
    }

    /** Each shard keeps the level's promise for itself. */
    private Result gatherApart(ReadPath.Read read, ShardRoute.Gather route, Parameters parameters) throws SQLException {
        return gathered.query(
                read.query(),
                read.placementVersion(),
                route,
                parameters,
                (shard, query, values) -> at(shard).read(read.with(query), values));
    }

    private Result gatherAtCut(ReadPath.Read read, ShardRoute.Gather route, Parameters parameters) throws SQLException {
        Rung rung = read.agreement().granted().first();
        boolean held = cut;
        Duration patience = patience(rung);
        Deadline deadline = Deadline.in(patience);
        long startedNanos = System.nanoTime();
        if (!held) {
            takeCut(rung, read.tables(), patience, deadline);
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - startedNanos);
        try {
            Result result = gathered.query(
                    read.query(),
                    read.placementVersion(),
                    route,
                    parameters,
                    (shard, query, values) -> at(shard).readPinned(read.with(query), values, rung, deadline));
            return held ? result : waited(result, waited);
        } catch (SQLException e) {
            if (!held
                    && !(e instanceof StalePlanException)
                    && SqlState.RETRY_TRANSACTION.code().equals(e.getSQLState())) {
                // a schema change took the statement's own cut from it: it can take another
                StalePlanException again = new StalePlanException(String.valueOf(e.getMessage()));
                again.initCause(e);
                throw again;
            }
            throw e;
        } finally {
            if (!held) {
                releaseCut();
            }
        }
    }

    private Duration patience(Rung rung) {
        return Objects.requireNonNullElse(rung.within(), state.consistencyTimeout());
    }

    /** All shards waited for the cut. */
    private static Result waited(Result result, Duration waited) {
        Receipt receipt = Objects.requireNonNull(result.receipt());
        List<Receipt.Served> served = receipt.served().stream()
                .map(one -> new Receipt.Served(
                        one.shard(), one.replica(), one.role(), one.index(), one.required(), one.staleness(), waited))
                .toList();
        Receipt complete = receipt.servedBy(served);
        return new Result(result.rows(), result.count(), result.keys(), complete, result.warning());
    }

    private void keepCut(ReadPath.Read read) throws SQLException {
        if (!cut) {
            Rung rung = read.agreement().granted().first();
            Duration patience = patience(rung);
            // which tables nobody knows either
            takeCut(rung, null, patience, Deadline.in(patience));
        }
    }

    private void takeCut(Rung rung, @Nullable List<String> tables, Duration patience, Deadline deadline)
            throws SQLException {
        List<CutPin> pins =
                cuts.take(replica -> at(replica.shard()).readyForCut(replica, deadline), rung, patience, deadline);
        if (PendingSchemaChange.isHalfDone(pins.get(0).settings(), tables)) {
            for (CutPin pin : pins) {
                pin.withdraw();
            }
            throw new StalePlanException("a schema change is in some shards and not yet in others");
        }
        cut = true;
        for (int shard = 0; shard < pins.size(); shard++) {
            at(shard).pinnedAt(pins.get(shard));
        }
    }

    private void releaseCut() throws SQLException {
        cut = false;
        for (ReadPath path : paths) {
            if (path != null) {
                path.endTransaction();
            }
        }
    }

    /** Lets go of a read-only transaction's snapshot, at its end. */
    public void endTransaction() throws SQLException {
        releaseCut();
    }

    /** Cancels what runs over gathered rows. From any thread. */
    public void cancel() {
        gathered.cancel();
    }

    @Override
    public void close() {
        gathered.close();
        for (ReadPath path : paths) {
            if (path != null) {
                path.close();
            }
        }
    }
}
