package io.tunabledb.engine.execute.scatter;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.transaction.CrossCommit;
import io.tunabledb.engine.execute.transaction.CrossRead;
import io.tunabledb.engine.execute.transaction.TransactionCut;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.engine.shard.held.LockOwner;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.sql.Statement.TransactionControl;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session's writes on however many shards they touch. What concerns one shard goes down that shard's {@link WritePath}
 * as if there were no others; a statement or transaction over several runs in a transaction in each of them, which are
 * committed together ({@link CrossCommit}).
 */
public final class Writes implements AutoCloseable {
    /** Set in every shard before a statement over several runs in the user's transaction: it takes effect whole or not. */
    private static final String STATEMENT = "TUNABLE$STATEMENT";

    private static final int MOST_TRIES = 10;
    private static final int MOST_SAVEPOINTS = 100_000;

    private final SessionState state;
    private final @Nullable WritePath[] paths;
    private final ShardStatements statements;
    private final TransactionCut cut;
    /** The shards of the open transaction, the first one first: that is its home. */
    private final Set<Integer> order = new LinkedHashSet<>();
    /** What a shard that comes in later has to be told first. */
    private final Set<TransactionControl> savepoints = new LinkedHashSet<>();

    private int nextAny;
    /** When a statement that is a transaction of its own, and repeated by itself, was first tried; 0 for any other. */
    private long firstTryMillis;

    public Writes(SessionState state) {
        this.state = state;
        this.paths = new @Nullable WritePath[state.cluster().shards()];
        this.statements = new ShardStatements(state, this);
        this.cut = new TransactionCut(state, this::at);
        this.nextAny = (int) (state.id() & 0xff);
    }

    /** The session's way to write one shard. */
    WritePath at(int shard) {
        WritePath known = paths[shard];
        if (known == null) {
            known = new WritePath(state.at(shard));
            paths[shard] = known;
        }
        return known;
    }

    /** Whether a transaction is open on a leader, or was and is lost. */
    public boolean inTransaction() {
        for (WritePath path : paths) {
            if (path != null && path.inTransaction()) {
                return true;
            }
        }
        return false;
    }

    /** Executes once: as a transaction of its own, or in the open one. */
    public Result write(WritePath.Write write, Placement placement, Parameters parameters) throws SQLException {
        return writeBatch(write, placement, List.of(parameters)).get(0);
    }

    /** Executes once per element; of a single one its own error. */
    public List<Result> writeBatch(WritePath.Write write, Placement placement, List<Parameters> batch)
            throws SQLException {
        return writeBatch(write, placement, batch, parameters -> {
            throw new IllegalStateException("one execution is planned again by its caller");
        });
    }

    /**
     * The same.
     *
     * @param again executes one element of a batch with a new plan: where the others have been executed, with this one
     */
    public List<Result> writeBatch(
            WritePath.Write write, Placement placement, List<Parameters> batch, PlannedAgain again)
            throws SQLException {
        if (paths.length == 1) {
            return at(0).writeBatch(write, batch);
        }
        List<ShardRoute> routes = routes(placement, batch);
        int only = only(routes);
        if (write.isAlone()) {
            return only >= 0
                    ? at(only).writeBatch(write, batch)
                    : new SpreadBatch(write, routes, batch, again).run(this::apart, this::atomically);
        }
        if (batch.size() == 1) {
            return List.of(inTransaction(write, routes.get(0), batch.get(0)));
        }
        return new SpreadBatch(write, routes, batch, again)
                .runInTransaction(this::inTransaction, () -> doomed() != null);
    }

    /** Executes once, with a plan of its own. */
    @FunctionalInterface
    public interface PlannedAgain {
        Result execute(Parameters parameters) throws SQLException;
    }

    private List<ShardRoute> routes(Placement placement, List<Parameters> batch) {
        List<ShardRoute> routes = new ArrayList<>(batch.size());
        int before = -1;
        for (Parameters parameters : batch) {
            ShardRoute route = settled(placement.route(parameters::value), before);
            routes.add(route);
            before = route instanceof ShardRoute.OneShard one ? one.shard() : before;
        }
        return routes;
    }

    /** The one shard that all of them run in, or -1. */
    private static int only(List<ShardRoute> routes) {
        int only = -1;
        for (ShardRoute route : routes) {
            if (!(route instanceof ShardRoute.OneShard one) || (only >= 0 && one.shard() != only)) {
                return -1;
            }
            only = one.shard();
        }
        return only;
    }

    /** What may run anywhere runs where the transaction is already, or in one shard after the other. */
    private ShardRoute settled(ShardRoute route, int preferred) {
        if (!(route instanceof ShardRoute.OneShard one) || !one.isAny()) {
            return route;
        }
        if (preferred >= 0) {
            return new ShardRoute.OneShard(preferred);
        }
        if (!order.isEmpty()) {
            return new ShardRoute.OneShard(order.iterator().next());
        }
        return new ShardRoute.OneShard(Math.floorMod(nextAny++, paths.length));
    }

    /** Elements that belong to one shard, as transactions of their own there. */
    private List<Result> apart(WritePath.Write write, int shard, List<Parameters> batch) throws SQLException {
        return at(shard).writeBatch(write, batch);
    }

    /** One execution over several shards as a transaction of its own; one that certainly left nothing is repeated. */
    private Result atomically(WritePath.Write write, ShardRoute route, Parameters parameters) throws SQLException {
        Deadline deadline = Deadline.in(state.consistencyTimeout());
        state.time().share();
        // a later try is as old as the first, or the youngest would always be the one who gives way
        firstTryMillis = System.currentTimeMillis();
        try {
            return atomically(write, route, parameters, deadline);
        } finally {
            firstTryMillis = 0;
        }
    }

    private Result atomically(WritePath.Write write, ShardRoute route, Parameters parameters, Deadline deadline)
            throws SQLException {
        for (int tries = 1; ; tries++) {
            try {
                Result result = statements.execute(write, route, parameters);
                commit("write");
                return committed(result);
            } catch (SQLException e) {
                rollback();
                if (e instanceof StalePlanException
                        || !SqlState.RETRY_TRANSACTION.code().equals(e.getSQLState())
                        || deadline.isPast()
                        || tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** The receipt names the entries that carry the write, which are known only now. */
    private Result committed(Result result) {
        Receipt receipt = result.receipt();
        if (receipt == null) {
            return result;
        }
        List<Receipt.Served> served = receipt.served().stream()
                .map(one -> new Receipt.Served(
                        one.shard(),
                        one.replica(),
                        one.role(),
                        Math.max(one.index(), state.at(one.shard()).written()),
                        one.required(),
                        one.staleness(),
                        one.waited()))
                .toList();
        Receipt complete = receipt.servedBy(served);
        return new Result(result.rows(), result.count(), result.keys(), complete, result.warning());
    }

    /** Executes in the user's transaction. */
    private Result inTransaction(WritePath.Write write, ShardRoute route, Parameters parameters) throws SQLException {
        requireNotDoomed();
        if (route instanceof ShardRoute.OneShard one) {
            return inShard(one.shard(), write, parameters);
        }
        Set<Integer> touched = statements.shards(route);
        Rung rung = write.agreement().granted().first();
        for (int shard : touched) {
            WritePath path = enter(shard, rung);
            path.begin(rung);
            path.control(TransactionControl.savepoint(STATEMENT));
        }
        try {
            return statements.execute(write, route, parameters);
        } catch (SQLException e) {
            if (doomed() == null) {
                for (int shard : touched) {
                    at(shard).control(TransactionControl.rollbackTo(STATEMENT));
                }
            }
            throw e;
        }
    }

    /** Executes in the transaction's part in one shard, begun now if there is none. */
    Result inShard(int shard, WritePath.Write write, Parameters parameters) throws SQLException {
        WritePath path = enter(shard, write.agreement().granted().first());
        try {
            return path.execute(write, parameters);
        } finally {
            endIfDoomed(path);
        }
    }

    /** A transaction that is lost in one shard needs its locks in the others no more. */
    private void endIfDoomed(WritePath lost) {
        if (lost.doomed() == null) {
            return;
        }
        for (WritePath other : paths) {
            if (other != null && other != lost && other.doomed() == null) {
                other.rollback();
            }
        }
    }

    /** The session's local temporary tables: they are in its storage session in shard 0. */
    public List<TemporaryTable> temporaryTables() throws SQLException {
        WritePath first = paths[0];
        return first == null ? List.of() : first.temporaryTables();
    }

    /** Drops a local temporary table of the session inside the open transaction. */
    public void forgetTemporaryTable(String name) throws SQLException {
        WritePath first = paths[0];
        if (first != null) {
            first.forgetTemporaryTable(name);
        }
    }

    /** Whether a text drops an index of the session's own. */
    public boolean dropsOwnIndex(String sql) throws SQLException {
        WritePath first = paths[0];
        return first != null && first.dropsOwnIndex(sql);
    }

    /** Reads a session's own temporary table outside of a transaction. */
    Result readOwn(StorageStatement query, PlacementVersion placementVersion, Parameters parameters)
            throws SQLException {
        return at(0).readOwn(query, placementVersion, parameters);
    }

    /** What changes REFERENCE tables in shard 0. */
    @FunctionalInterface
    interface InFirstShard {
        Result run() throws SQLException;
    }

    /**
     * Runs what changes REFERENCE tables in shard 0, with whatever it draws and rolls there; the rows it changed go to all
     * other shards as they are. The first shard locks first, so two such writes never wait for each other.
     */
    Result copied(PlacementVersion placementVersion, InFirstShard change) throws SQLException {
        WritePath first = enter(0);
        long mark = first.mark();
        Result result = change.run();
        byte[] changes = first.changesSince(
                mark,
                table ->
                        state.cluster().catalog().sharding(table.schema(), table.name()) instanceof Sharding.Reference);
        for (int shard = 1; changes != null && shard < paths.length; shard++) {
            WritePath path = enter(shard);
            try {
                path.ship(changes, placementVersion);
            } finally {
                endIfDoomed(path);
            }
        }
        return result;
    }

    /** The transaction comes to a shard. */
    WritePath enter(int shard) throws SQLException {
        return enter(shard, Rung.of(Level.SEQUENTIAL));
    }

    /** With a statement at this rung. */
    private WritePath enter(int shard, Rung rung) throws SQLException {
        if (order.isEmpty()) {
            begin(shard, rung);
        }
        WritePath path = at(shard);
        if (order.add(shard)) {
            if (order.size() == 2) {
                state.cluster().deadlocks().spread();
            }
            for (TransactionControl savepoint : savepoints) {
                path.begin(rung);
                path.control(savepoint);
            }
        }
        return path;
    }

    /** In one shard, or in all of them when what it sees must be one state of all. */
    private void begin(int shard, Rung rung) throws SQLException {
        long millis = firstTryMillis == 0 ? System.currentTimeMillis() : firstTryMillis;
        state.owns(LockOwner.since(state.id(), millis));
        if (!cut.isNeeded()) {
            order.add(shard);
            return;
        }
        boolean begun = false;
        try {
            cut.begin(rung);
            begun = true;
        } finally {
            if (!begun) {
                forgetTransaction();
            }
        }
        order.add(shard);
        for (int other = 0; other < paths.length; other++) {
            order.add(other);
        }
        state.cluster().deadlocks().spread();
    }

    /** Rolls the open transaction back, if there is one; what is left of it refuses everything until it is ended. */
    public void doom(String why) {
        for (WritePath path : paths) {
            if (path != null && path.inTransaction()) {
                path.doom(why);
                endIfDoomed(path);
                return;
            }
        }
    }

    private @Nullable String doomed() {
        for (WritePath path : paths) {
            String lost = path == null ? null : path.doomed();
            if (lost != null) {
                return lost;
            }
        }
        return null;
    }

    private void requireNotDoomed() throws SQLException {
        String lost = doomed();
        if (lost != null) {
            throw Refusals.rolledBack(lost + " (roll back first)", null);
        }
    }

    /** Commits the open transaction, if there is one. 40001 when it was lost, 08007 when nobody knows in time. */
    public void commit() throws SQLException {
        commit("transaction");
    }

    private void commit(String what) throws SQLException {
        List<Integer> shards = List.copyOf(order);
        String lost = doomed();
        if (lost != null) {
            rollback();
            throw Refusals.rolledBack(lost, null);
        }
        forgetTransaction();
        if (paths.length == 1 || shards.size() <= 1) {
            int shard = shards.isEmpty() ? 0 : shards.get(0);
            WritePath only = paths[shard];
            if (only != null) {
                only.commit();
            }
            return;
        }
        commitTogether(shards, what);
    }

    private void commitTogether(List<Integer> shards, String what) throws SQLException {
        List<CrossCommit.Branch> branches = take(shards);
        if (branches.isEmpty()) {
            return;
        }
        Duration patience = state.consistencyTimeout();
        Deadline deadline = Deadline.in(patience);
        CrossCommit.Terms terms = new CrossCommit.Terms(state.nextNumber(), Outcome.DONE, what, deadline, patience);
        if (branches.get(0).changes().length == 0) {
            new CrossRead(branches, deadline).commit();
            return;
        }
        Leaders.Resolution resolution = new CrossCommit(state, branches, terms).commit();
        if (resolution instanceof Leaders.Resolution.NotCommitted not) {
            String conflict = not.conflict();
            throw Refusals.rolledBack(
                    conflict != null ? conflict : "the leader of one of its shards changed before it was committed",
                    null);
        }
    }

    /** Every shard's part that changed something or is to be validated, the former first; the others are ended. */
    private List<CrossCommit.Branch> take(List<Integer> shards) throws SQLException {
        List<CrossCommit.Branch> branches = new ArrayList<>();
        boolean complete = false;
        try {
            for (int shard : shards) {
                CrossCommit.Branch branch = at(shard).take();
                if (branch != null) {
                    branches.add(branch);
                }
            }
            branches.sort(Comparator.comparing(branch -> branch.changes().length == 0));
            complete = true;
            return branches;
        } finally {
            if (!complete) {
                branches.forEach(branch -> branch.leader().rollBack(branch.held()));
                rollback();
            }
        }
    }

    /** Rolls the open transaction back, if there is one. */
    public void rollback() {
        forgetTransaction();
        for (WritePath path : paths) {
            if (path != null) {
                path.rollback();
            }
        }
    }

    private void forgetTransaction() {
        if (order.size() > 1) {
            state.cluster().deadlocks().ended();
        }
        state.owns(null);
        order.clear();
        savepoints.clear();
    }

    /** Does something about savepoints inside the open transaction, begun now if there is none. */
    public void control(TransactionControl control) throws SQLException {
        requireNotDoomed();
        if (order.isEmpty()) {
            enter(0);
        }
        for (int shard : order) {
            at(shard).control(control);
        }
        if (paths.length > 1 && control.verb() == TransactionControl.Verb.SAVEPOINT) {
            remember(control);
        }
    }

    /** To storage a release changes nothing, and a savepoint that is set again is where it was set last. */
    private void remember(TransactionControl savepoint) throws SQLException {
        savepoints.remove(savepoint);
        if (savepoints.size() >= MOST_SAVEPOINTS) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "the transaction has set more than " + MOST_SAVEPOINTS
                            + " savepoints, and a shard that comes into it later has to set them all; use the same names"
                            + " again, or commit in between");
        }
        savepoints.add(savepoint);
    }

    /** Cancels a running statement. From any thread. */
    public void cancel() {
        statements.cancel();
        for (WritePath path : paths) {
            if (path != null) {
                path.cancel();
            }
        }
    }

    /** A session setting changed. */
    public void applySetting(String text) throws SQLException {
        for (WritePath path : paths) {
            if (path != null) {
                path.applySetting(text);
            }
        }
    }

    @Override
    public void close() {
        forgetTransaction();
        for (WritePath path : paths) {
            if (path != null) {
                path.close();
            }
        }
        statements.close();
    }
}
