package io.tunabledb.engine.execute;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.Parameters;
import io.tunabledb.engine.Result;
import io.tunabledb.engine.h2.GatherPlan;
import io.tunabledb.engine.h2.Gathered;
import io.tunabledb.engine.h2.GatheredChanges;
import io.tunabledb.engine.h2.RowChange;
import io.tunabledb.engine.h2.TableName;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Route;
import io.tunabledb.engine.plan.ShardKey;
import io.tunabledb.engine.plan.Sharding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Statements in a transaction that need rows of several shards in one place: rows are fetched, and locked where the
 * statement changes them, at the shards' leaders; what it does to them is worked out over all of them and then done row by
 * row in the shards they are in, or now belong to.
 */
final class GatheredWrites {
    private final SessionState state;
    private final Writes writes;
    private final GatheredStatements gathered;

    GatheredWrites(SessionState state, Writes writes, GatheredStatements gathered) {
        this.state = state;
        this.writes = writes;
        this.gathered = gathered;
    }

    Result execute(WritePath.Write write, Route.Gather route, Parameters parameters) throws SQLException {
        return gathered.gather(
                write.query(),
                route,
                parameters,
                (shard, query, values) ->
                        writes.inShard(shard, new WritePath.Write(query, write.agreement(), write.tables()), values),
                (rows, plan, receipt) -> plan.kind() == GatherPlan.Kind.QUERY
                        ? gathered.answer(write.query(), rows, receipt)
                        : change(write, rows, new Result(null, 0, null, receipt, null)));
    }

    private Result change(WritePath.Write write, Gathered rows, Result fetched) throws SQLException {
        GatheredChanges changes = rows.change(write.query().timeoutSeconds());
        TableName table = changes.table();
        return state.cluster().catalog().sharding(table.schema(), table.name()) instanceof Sharding.Reference
                ? writes.copied(() -> change(write, changes, fetched))
                : change(write, changes, fetched);
    }

    private Result change(WritePath.Write write, GatheredChanges changes, Result fetched) throws SQLException {
        List<Result> done = new ArrayList<>();
        done.add(fetched);
        for (GatheredChanges.Step step : changes.steps(row -> target(changes.table(), row))) {
            done.add(run(write, step));
        }
        Result all = ShardStatements.together(done, null);
        return new Result(null, changes.count(), all.keys(), all.receipt(), null);
    }

    private Result run(WritePath.Write write, GatheredChanges.Step step) throws SQLException {
        Query query = gathered.kept(write.query(), step.sql());
        return writes.inShard(
                step.shard(), new WritePath.Write(query, write.agreement(), write.tables()), step.parameters());
    }

    /** The shard a row is in from now on. */
    private int target(TableName table, RowChange row) throws SQLException {
        Catalog catalog = state.cluster().catalog();
        Sharding sharding = catalog.sharding(table.schema(), table.name());
        if (!(sharding instanceof Sharding.By by)) {
            return 0;
        }
        Object value = row.after(by.column());
        if (value == null && row.kind() == RowChange.Kind.INSERT) {
            // its shard will generate one of its own
            return (int) Math.floorMod(
                    state.id() + row.hashCode(), (long) state.cluster().shards());
        }
        ShardKey key = ShardKey.stored(by.type(), value);
        if (key == null) {
            throw Errors.of(
                    SqlState.INVALID_ARGUMENT,
                    "column " + by.column() + ", by which " + table + " is sharded, can't be " + value
                            + "; it needs a value of " + by.type().text());
        }
        return catalog.buckets().shardOf(key.bucket());
    }
}
