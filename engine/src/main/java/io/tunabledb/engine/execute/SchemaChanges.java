package io.tunabledb.engine.execute;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.Result;
import io.tunabledb.engine.h2.Definition;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.TableName;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/**
 * Schema changes. Every shard has every table, so each goes through every shard's log, the first one's first; there its
 * error is found, if it has one, and then no other shard gets it. What is under way is written down in the catalog before
 * it begins, so that one whose session or process ended in the middle is finished before the next begins.
 */
public final class SchemaChanges {
    private static final String PREFIX = "definition.";
    private static final String PENDING = PREFIX + "pending";
    private static final String LOCK = PREFIX + "lock";

    private final SessionState state;
    private final Duration patience;
    private final SettingsPath catalog;

    /**
     * @param patience how long a schema change may take; rebuilding a large table takes longer than a write
     */
    public SchemaChanges(SessionState state, Duration patience) {
        this.state = state;
        this.patience = patience;
        this.catalog = new SettingsPath(state.at(0));
    }

    /** Executes {@code sql} on every replica of every shard and answers what it came to. */
    public Result define(String sql, Plan plan, Agreement agreement) throws SQLException {
        return define(sql, Map.of(), plan, agreement);
    }

    /**
     * Executes {@code sql} on every replica of every shard, puts the settings that come with it in the same step, and
     * answers what it came to.
     *
     * @param sql empty when there are only settings, of the plan's tables
     */
    public Result define(String sql, Map<String, String> settings, Plan plan, Agreement agreement) throws SQLException {
        // over several shards it is an author of its own: the session's later writes must not end what it can be asked
        // for
        ShardLeader.Author author = state.cluster().shards() == 1
                ? new ShardLeader.Author(state.id(), state.nextNumber())
                : new ShardLeader.Author(ThreadLocalRandom.current().nextLong(), 1);
        List<TableName> tables = plan.tables().stream()
                .map(table -> new TableName(table.schema(), table.name()))
                .toList();
        PendingDefinition change = new PendingDefinition(
                author, new Definition(state.schema(), sql, settings), tables, plan.definesEverywhere(), false);
        // what the session wrote before must find the tables it was written for
        QueuedWrites.settleAll(state, agreement.granted().first(), Deadline.in(state.consistencyTimeout()));
        try {
            return state.cluster().shards() == 1 ? at(0).define(change, agreement) : everywhere(change, agreement);
        } catch (FailedDefinitionException e) {
            throw e.error();
        }
    }

    private Result everywhere(PendingDefinition change, Agreement agreement) throws SQLException {
        Lock lock = state.cluster().definitions();
        lock(lock);
        try {
            finishPending(agreement);
            tryInEachShard(change);
            catalog.put(Map.of(PENDING, change.encode()));
            Result result = inEachShard(change, agreement);
            catalog.edit(PREFIX, LOCK, current -> Map.of());
            return result;
        } finally {
            lock.unlock();
        }
    }

    /** None begins what another could not end: rows and sequences are not the same in all shards. */
    private void tryInEachShard(PendingDefinition change) throws SQLException {
        for (int shard = 0;
                Storage.dependsOnRows(change.definition())
                        && shard < state.cluster().shards();
                shard++) {
            at(shard).tryOut(change);
        }
    }

    private void lock(Lock lock) throws SQLException {
        try {
            if (!lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw Errors.of(
                        SqlState.LEVEL_NOT_MET,
                        "another schema change has not ended within definitionTimeout=" + patience.toMillis()
                                + " ms; try again");
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** Finishes what an earlier process left half done. Before the first session of a database. */
    public void recover() throws SQLException {
        if (state.cluster().shards() > 1) {
            Ladder strong = Ladder.of(Level.SEQUENTIAL);
            finishPending(new Agreement(strong, "RECOVERY", strong, null));
        }
    }

    /** Nobody else is at it, because of the lock; in the ledgers is which shards have it. */
    private void finishPending(Agreement agreement) throws SQLException {
        String pending = catalog.read(PREFIX).get(PENDING);
        if (pending == null) {
            return;
        }
        PendingDefinition change = PendingDefinition.decode(pending);
        try {
            inEachShard(change, agreement);
        } catch (SQLException e) {
            if (!(e instanceof FailedDefinitionException)) {
                throw e;
            }
            // that is its outcome, and its caller's business
        }
        catalog.edit(PREFIX, LOCK, current -> Map.of());
    }

    private Result inEachShard(PendingDefinition change, Agreement agreement) throws SQLException {
        List<Receipt.Served> served = new ArrayList<>();
        Result first = null;
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            Result result;
            try {
                result = at(shard).define(change, agreement);
            } catch (FailedDefinitionException e) {
                if (shard == 0) {
                    catalog.edit(PREFIX, LOCK, current -> Map.of());
                    throw e;
                }
                throw halfDone(shard, e);
            }
            served.addAll(Objects.requireNonNull(result.receipt()).served());
            first = first == null ? result : first;
        }
        Result done = Objects.requireNonNull(first);
        Receipt receipt = Objects.requireNonNull(done.receipt()).servedBy(served);
        return new Result(null, done.count(), null, receipt, null);
    }

    /** Rows came in between the trial and the change; the first shard has it. */
    private SQLException halfDone(int shard, FailedDefinitionException e) throws SQLException {
        catalog.edit(PREFIX, LOCK, current -> Map.of());
        return new SQLException(
                "the schema change is done in the shards before shard " + shard + ", where it failed: " + e.getMessage()
                        + "; undo it, or change that shard's rows, then run it again with IF NOT EXISTS or IF EXISTS",
                e.getSQLState(),
                e.getErrorCode(),
                e);
    }

    private DefinePath at(int shard) {
        return new DefinePath(state.at(shard), patience);
    }
}
