package io.tunabledb.engine.execute.scatter;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.h2.gather.Gathered;
import io.tunabledb.engine.h2.gather.change.GatheredChanges;
import io.tunabledb.engine.h2.gather.change.RowChange;
import io.tunabledb.engine.h2.gather.change.TouchedRows;
import io.tunabledb.engine.h2.gather.plan.Fragment;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.internals.SequenceState;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.placement.ShardKey;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.engine.plan.placement.Sharding;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Statements in a transaction that need rows of several shards in one place: rows are fetched from the shards' leaders; what
 * the statement does to them is worked out over all of them; the rows it touches are locked, and if they are still what was
 * fetched it is done, row by row, in the shards they are in, or now belong to.
 *
 * <p>Only what storage would lock is locked. Why nothing is lost by fetching first:
 * <ul>
 *   <li>A row that the statement changes, deletes, or locks (FOR UPDATE, a MERGE's match, SET C = C) is locked by its key and
 *       compared, value by value, before anything is done. The statement's condition and new values were computed from just
 *       these values, so they hold for the row as it is now, and it stays so until the transaction ends. One that differs, or is
 *       gone, or whose shard was left by an UPDATE of its key, makes all be worked out again from rows fetched anew, as storage
 *       looks at a condition again when it has waited for a row. What was locked stays locked, so each try meets fewer rows
 *       that others may change; after {@value #MOST_TRIES} all rows that could be meant are locked as they are fetched.
 *   <li>A row that comes to meet the condition after it was fetched is left alone, as storage at READ COMMITTED leaves it alone
 *       when it comes after the statement began.
 *   <li>What is only read (the tables of a subquery, rows of a MERGE's source) is not locked by storage either: it is as of
 *       when it was fetched.
 *   <li>Above READ COMMITTED what is fetched is the transaction's snapshot, and locking a row that another has changed since
 *       gives 40001: the first committer wins.
 *   <li>At LINEARIZABLE nothing that was read may change before the commit, or it ends with 40001. Who meant to change some rows
 *       of many would meet that again and again, so there all that may be among them are locked at once.
 *   <li>Rows are locked by shard, then by table and key, so two such statements don't wait for each other; what else does is
 *       found (package {@code deadlock}).
 * </ul>
 */
final class GatheredWrites {
    private static final String CHILD_EXISTS = "23503";
    /** Storage's own code for it. */
    private static final int CHILD_EXISTS_CODE = 23503;

    /** So many times rows are locked only when it is known which; then all that may be among them are. */
    private static final int MOST_TRIES = 3;
    /** Not a result: the statement has to be worked out again. */
    private static final Result CHANGED_MEANWHILE = new Result(null, 0, null, null, null);

    private final SessionState state;
    private final SpreadTransaction transaction;
    private final GatheredStatements gathered;

    GatheredWrites(SessionState state, SpreadTransaction transaction, GatheredStatements gathered) {
        this.state = state;
        this.transaction = transaction;
        this.gathered = gathered;
    }

    @SuppressWarnings("ReferenceEquality") // what is no result is one object
    Result execute(WritePath.Write write, ShardRoute.Gather route, Parameters parameters) throws SQLException {
        boolean readsStay = write.agreement().granted().first().level() == Level.LINEARIZABLE;
        for (int tries = readsStay ? MOST_TRIES : 0; tries < MOST_TRIES; tries++) {
            Result result = execute(write, route, parameters, false);
            if (result != CHANGED_MEANWHILE) {
                return result;
            }
            state.underway().requireGoingOn();
        }
        return execute(write, route, parameters, true);
    }

    private Result execute(WritePath.Write write, ShardRoute.Gather route, Parameters parameters, boolean locksAll)
            throws SQLException {
        return gathered.gather(
                write.query(),
                route,
                parameters,
                (shard, query, values) -> transaction.inShard(shard, write.with(query), values),
                (rows, plan, receipt) -> finish(write, rows, plan, receipt, locksAll),
                locksAll ? Fragment::lockingSql : Fragment::sql);
    }

    private Result finish(WritePath.Write write, Gathered rows, GatherPlan plan, Receipt receipt, boolean isLocked)
            throws SQLException {
        Result fetched = new Result(null, 0, null, receipt, null);
        if (rows.isTorn()) {
            if (isLocked) {
                throw Refusals.rolledBack("a row was moved to another shard while the statement looked for it", null);
            }
            return CHANGED_MEANWHILE;
        }
        if (plan.kind() == GatherPlan.Kind.CHANGE) {
            GatheredChanges changes = rows.change(write.query().timeoutSeconds(), this::takeValues);
            return isLocked || lock(write, rows) ? carryOut(write, changes, fetched) : CHANGED_MEANWHILE;
        }
        Result answer = gathered.answer(write.query(), rows, receipt, this::takeValues);
        if (!isLocked && !lock(write, rows)) {
            return CHANGED_MEANWHILE;
        }
        for (GatheredChanges changes : plan.hasEffects() ? rows.effects() : List.<GatheredChanges>of()) {
            fetched = carryOut(write, changes, fetched);
        }
        return new Result(answer.rows(), -1, null, fetched.receipt(), null);
    }

    /** Locks what the statement touches; false when some of it is no longer what the statement has found. */
    private boolean lock(WritePath.Write write, Gathered rows) throws SQLException {
        boolean isSame = true;
        for (TouchedRows each : rows.touched()) {
            StorageStatement query = gathered.kept(write.query(), each.sql());
            Result locked = transaction.inShard(each.shard(), write.with(query), each.parameters());
            try (ResultSet found = Objects.requireNonNull(locked.rows())) {
                isSame &= each.areIn(found);
            }
        }
        return isSame;
    }

    /** Every shard has its own share of a sequence's values; all gathered statements take them from that of the first. */
    private SequenceState takeValues(SequenceName name, long count) throws SQLException {
        return transaction.enter(0).takeValues(name, count);
    }

    private Result carryOut(WritePath.Write write, GatheredChanges changes, Result fetched) throws SQLException {
        TableName table = changes.table();
        return state.cluster().catalog().sharding(table.schema(), table.name()) instanceof Sharding.Reference
                ? transaction.copied(write.placementVersion(), () -> change(write, changes, fetched))
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
        StorageStatement query = gathered.kept(write.query(), step.sql());
        return transaction.inShard(step.shard(), write.with(query), step.parameters());
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
