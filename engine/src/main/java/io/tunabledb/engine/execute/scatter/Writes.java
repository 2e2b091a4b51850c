package io.tunabledb.engine.execute.scatter;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.transaction.CrossCommit;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.sql.Statement.TransactionControl;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A session's writes on however many shards they touch. What concerns one shard goes down that shard's {@link WritePath}
 * as if there were no others; a statement or transaction over several runs in a transaction in each of them, which are
 * committed together ({@link CrossCommit}).
 */
public final class Writes implements AutoCloseable {
    private static final int MOST_TRIES = 10;

    private final SessionState state;
    private final WritePaths paths;
    private final SpreadTransaction transaction;
    private final ShardStatements statements;

    private int nextAny;

    public Writes(SessionState state) {
        this.state = state;
        this.paths = new WritePaths(state);
        this.transaction = new SpreadTransaction(state, paths);
        this.statements = new ShardStatements(state, paths, transaction);
        this.nextAny = (int) (state.id() & 0xff);
    }

    /** The session's ways to write. */
    WritePaths paths() {
        return paths;
    }

    /** The session's open transaction. */
    SpreadTransaction transaction() {
        return transaction;
    }

    /** Whether a transaction is open on a leader, or was and is lost. */
    public boolean inTransaction() {
        return paths.inTransaction();
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
        if (paths.shards() == 1) {
            return paths.at(0).writeBatch(write, batch);
        }
        List<ShardRoute> routes = routes(placement, batch);
        int only = only(routes);
        if (write.isAlone()) {
            return only >= 0
                    ? paths.at(only).writeBatch(write, batch)
                    : new SpreadBatch(write, routes, batch, again).run(this::apart, this::atomically);
        }
        if (batch.size() == 1) {
            return List.of(inTransaction(write, routes.get(0), batch.get(0)));
        }
        return new SpreadBatch(write, routes, batch, again)
                .runInTransaction(this::inTransaction, () -> paths.doomed() != null);
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
        if (transaction.home() >= 0) {
            return new ShardRoute.OneShard(transaction.home());
        }
        return new ShardRoute.OneShard(Math.floorMod(nextAny++, paths.shards()));
    }

    /** Elements that belong to one shard, as transactions of their own there. */
    private List<Result> apart(WritePath.Write write, int shard, List<Parameters> batch) throws SQLException {
        return paths.at(shard).writeBatch(write, batch);
    }

    /** One execution over several shards as a transaction of its own; one that certainly left nothing is repeated. */
    private Result atomically(WritePath.Write write, ShardRoute route, Parameters parameters) throws SQLException {
        Deadline deadline = Deadline.in(state.consistencyTimeout());
        state.time().share();
        // a later try is as old as the first, or the youngest would always be the one who gives way
        transaction.isAsOldAs(System.currentTimeMillis());
        try {
            return atomically(write, route, parameters, deadline);
        } finally {
            transaction.isAsOldAs(0);
        }
    }

    private Result atomically(WritePath.Write write, ShardRoute route, Parameters parameters, Deadline deadline)
            throws SQLException {
        for (int tries = 1; ; tries++) {
            try {
                Result result = statements.execute(write, route, parameters);
                transaction.commit("write");
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
        transaction.requireNotDoomed();
        if (route instanceof ShardRoute.OneShard one) {
            return transaction.inShard(one.shard(), write, parameters);
        }
        return transaction.whole(
                statements.shards(route),
                write.agreement().granted().first(),
                () -> statements.execute(write, route, parameters));
    }

    /** The session's local temporary tables: they are in its storage session in shard 0. */
    public List<TemporaryTable> temporaryTables() throws SQLException {
        return paths.temporaryTables();
    }

    /** Drops a local temporary table of the session inside the open transaction. */
    public void forgetTemporaryTable(String name) throws SQLException {
        WritePath first = paths.ifMade(0);
        if (first != null) {
            first.forgetTemporaryTable(name);
        }
    }

    /** Whether a text drops an index of the session's own. */
    public boolean dropsOwnIndex(String sql) throws SQLException {
        WritePath first = paths.ifMade(0);
        return first != null && first.dropsOwnIndex(sql);
    }

    /** Rolls the open transaction back, if there is one; what is left of it refuses everything until it is ended. */
    public void doom(String why) {
        transaction.doom(why);
    }

    /** Commits the open transaction, if there is one. 40001 when it was lost, 08007 when nobody knows in time. */
    public void commit() throws SQLException {
        transaction.commit("transaction");
    }

    /** Rolls the open transaction back, if there is one. */
    public void rollback() {
        transaction.rollback();
    }

    /** Does something about savepoints inside the open transaction, begun now if there is none. */
    public void control(TransactionControl control) throws SQLException {
        transaction.control(control);
    }

    /** Cancels a running statement. From any thread. */
    public void cancel() {
        statements.cancel();
        paths.cancel();
    }

    /** A session setting changed. */
    public void applySetting(String text) throws SQLException {
        for (WritePath path : paths.made()) {
            path.applySetting(text);
        }
    }

    @Override
    public void close() {
        transaction.forget();
        paths.close();
        statements.close();
    }
}
