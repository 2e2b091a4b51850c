package io.tunabledb.engine.execute;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.Parameters;
import io.tunabledb.engine.Result;
import io.tunabledb.engine.h2.GatherPlan;
import io.tunabledb.engine.h2.Gathered;
import io.tunabledb.engine.h2.GatheredChanges;
import io.tunabledb.engine.h2.RowChange;
import io.tunabledb.engine.h2.SequenceName;
import io.tunabledb.engine.h2.SequenceState;
import io.tunabledb.engine.h2.TableName;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Route;
import io.tunabledb.engine.plan.ShardKey;
import io.tunabledb.engine.plan.Sharding;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Statements in a transaction that need rows of several shards in one place: rows are fetched, and locked where the
 * statement changes them, at the shards' leaders; what it does to them is worked out over all of them and then done row by
 * row in the shards they are in, or now belong to.
 */
final class GatheredWrites {
    private static final String CHILD_EXISTS = "23503";
    /** Storage's own code for it. */
    private static final int CHILD_EXISTS_CODE = 23503;

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
                (rows, plan, receipt) -> finish(write, rows, plan, receipt));
    }

    private Result finish(WritePath.Write write, Gathered rows, GatherPlan plan, Receipt receipt) throws SQLException {
        Result fetched = new Result(null, 0, null, receipt, null);
        if (plan.kind() == GatherPlan.Kind.CHANGE) {
            return carryOut(write, rows.change(write.query().timeoutSeconds(), this::takeValues), fetched);
        }
        Result answer = gathered.answer(write.query(), rows, receipt, this::takeValues);
        for (GatheredChanges changes : plan.hasEffects() ? rows.effects() : List.<GatheredChanges>of()) {
            fetched = carryOut(write, changes, fetched);
        }
        return new Result(answer.rows(), -1, null, fetched.receipt(), null);
    }

    /** Every shard has its own share of a sequence's values; all gathered statements take them from that of the first. */
    private SequenceState takeValues(SequenceName name, long count) throws SQLException {
        return writes.enter(0).takeValues(name, count);
    }

    private Result carryOut(WritePath.Write write, GatheredChanges changes, Result fetched) throws SQLException {
        TableName table = changes.table();
        return state.cluster().catalog().sharding(table.schema(), table.name()) instanceof Sharding.Reference
                ? writes.copied(() -> change(write, changes, fetched))
                : change(write, changes, fetched);
    }

    private Result change(WritePath.Write write, GatheredChanges changes, Result fetched) throws SQLException {
        List<Result> done = new ArrayList<>();
        done.add(fetched);
        for (GatheredChanges.Step step : changes.steps(row -> target(changes.table(), row))) {
            Result result = run(write, step);
            if (step.violation() == null) {
                done.add(result);
            } else {
                requireNone(result, step.violation());
            }
        }
        Result all = ShardStatements.together(done, null);
        return new Result(null, changes.count(), all.keys(), all.receipt(), null);
    }

    private static void requireNone(Result result, String violation) throws SQLException {
        try (ResultSet rows = Objects.requireNonNull(result.rows())) {
            if (rows.next()) {
                throw new SQLIntegrityConstraintViolationException(violation, CHILD_EXISTS, CHILD_EXISTS_CODE);
            }
        }
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
            // storage says what is wrong with it
            return Math.max(row.shard(), 0);
        }
        return catalog.buckets().shardOf(key.bucket());
    }
}
