package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.h2.DefinitionTrials;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.placement.Sharding;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One schema change over all shards, in its turn. What is under way is written down in the catalog before it begins, so that one
 * whose session or process ended in the middle, or whose turn was lost, is finished in the next turn before anything else.
 */
final class OverShards {
    private static final String FROZEN = PendingSchemaChange.PREFIX + "frozen";
    private static final String LOCK = PendingSchemaChange.PREFIX + "lock";
    private static final Logger LOG = LoggerFactory.getLogger(OverShards.class);

    private final SessionState state;
    private final SchemaTurn turn;
    private final SchemaChanges.Limits limits;
    private final Duration patience;
    private final SettingsPath catalog;
    private final Freeze freeze;

    OverShards(SessionState state, SchemaTurn turn, SchemaChanges.Limits limits) {
        this.state = state;
        this.turn = turn;
        this.limits = limits;
        this.patience = limits.patience();
        this.catalog = new SettingsPath(state.at(0), turn);
        this.freeze = new Freeze(state, turn, patience);
    }

    /**
     * Carries a change out, after whatever was left behind.
     *
     * @throws LostTurnException the turn was lost; it says what the next session that has the turn will finish
     */
    Result carryOut(PendingSchemaChange asked, Agreement agreement) throws SQLException {
        Catalog known = state.cluster().catalog();
        PendingSchemaChange change = moving(asked, known);
        at(0).preflight(change);
        List<TableName> frozen = Freeze.tables(change, known);
        if (frozen.isEmpty()) {
            tryInEachShard(change);
            catalog.put(Map.of(PendingSchemaChange.PENDING, change.encode()));
        } else {
            change = change.with(Map.of(Catalog.thawSetting(), ""));
            PendingSchemaChange thawing = change;
            state.underway().aside(() -> prepare(thawing, frozen, agreement));
            // the point of no return: from here on it is finished, by this session or the next that has the turn
            String pending = change.encode();
            catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of(PendingSchemaChange.PENDING, pending));
        }
        return toTheEnd(change, agreement);
    }

    /**
     * Carries a change out that is noted.
     *
     * @throws LostTurnException the turn was lost; the next session that has it finishes this
     */
    Result toTheEnd(PendingSchemaChange change, Agreement agreement) throws SQLException {
        try {
            Result result = inEachShard(change, agreement);
            noteDone();
            return result;
        } catch (LostTurnException e) {
            throw new LostTurnException(change, e);
        } catch (SQLException e) {
            boolean isEnded = !(e instanceof FailedSchemaChangeException)
                    && SqlState.CANCELLED.code().equals(e.getSQLState());
            throw isEnded
                    ? Refusals.unknownSinceEnded(
                            "schema change", state.underway().isStopped(), e)
                    : e;
        }
    }

    private void noteDone() throws SQLException {
        try {
            catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of());
        } catch (LostTurnException e) {
            LOG.debug("whoever comes next finds that it is done", e);
        }
    }

    /** A change of nothing but where a table's rows are moves them. */
    private PendingSchemaChange moving(PendingSchemaChange change, Catalog known) {
        if (!change.definition().sql().isEmpty() || change.tables().size() != 1) {
            return change;
        }
        TableName table = change.tables().get(0);
        Catalog.Place place = Catalog.place(table.schema(), table.name());
        String asked = change.definition().settings().get(place.sharding());
        String now = known.sharding(table.schema(), table.name()).text();
        return asked == null || now.equals(asked) || now.startsWith(asked + " ")
                ? change
                : change.with(Map.of(place.moved(), PendingSchemaChange.number(change.transactionId())));
    }

    /** All that may fail; when it does, nothing has changed. */
    private void prepare(PendingSchemaChange change, List<TableName> frozen, Agreement agreement) throws SQLException {
        String number = PendingSchemaChange.number(change.transactionId());
        catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of(FROZEN, number));
        try {
            freeze.begin(number, frozen, agreement);
            tryInEachShard(change);
            String move = change.move();
            if (move != null) {
                RowMove.Limits most = new RowMove.Limits(limits.moveRows(), patience);
                new RowMove(state, frozen.get(0), move, most, number).send();
            }
            if (state.underway().isStopped()) {
                throw Refusals.cancelledWhileMoving();
            }
        } catch (LostTurnException e) {
            // the next session that has the turn undoes it
            throw e;
        } catch (SQLException | RuntimeException e) {
            try {
                undo(agreement);
            } catch (SQLException | RuntimeException more) {
                // the next session that has the turn, or meets the frozen table, ends it
                e.addSuppressed(more);
            }
            throw e;
        }
    }

    private void undo(Agreement agreement) throws SQLException {
        freeze.end(agreement);
        catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of());
    }

    private void abandon(PendingSchemaChange change, Agreement agreement) throws SQLException {
        if (change.definition().settings().containsKey(Catalog.thawSetting())) {
            undo(agreement);
        } else {
            catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of());
        }
    }

    /** None begins what another could not end: rows and sequences are not the same in all shards. */
    private void tryInEachShard(PendingSchemaChange change) throws SQLException {
        for (int shard = 0;
                DefinitionTrials.dependsOnRows(change.definition())
                        && shard < state.cluster().shards();
                shard++) {
            at(shard).tryOut(change, limits.trialRows());
        }
    }

    /** As far as any replica in reach knows. */
    static boolean isLeftBehind(SessionState state) {
        ShardSession first = state.at(0);
        return first.view().replicas().stream()
                        .map(view -> first.replica(view.node()).settings())
                        .anyMatch(settings ->
                                settings.containsKey(PendingSchemaChange.PENDING) || settings.containsKey(FROZEN))
                || isFrozen(state);
    }

    /** Without a note of it no session is at it: a freeze that its session gave up may have been logged only later. */
    private static boolean isFrozen(SessionState state) {
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            ShardSession session = state.at(shard);
            if (session.view().replicas().stream()
                    .anyMatch(view -> session.replica(view.node()).settings().keySet().stream()
                            .anyMatch(name -> name.startsWith(Catalog.thawSetting())))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Finishes what was left behind: no other session is at it in this turn; in the ledgers is which shards have it. What is not
     * certain to be wanted is undone: a freeze without a change that is pending.
     */
    void finishPending(Agreement agreement) throws SQLException {
        Map<String, String> left = new LinkedHashMap<>();
        // not just read: a leader that was writing it down when its session gave up has this row until it is known
        catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> {
            left.clear();
            left.putAll(current);
            return current;
        });
        String pending = left.get(PendingSchemaChange.PENDING);
        if (pending != null) {
            try {
                inEachShard(PendingSchemaChange.decode(pending), agreement);
            } catch (FailedSchemaChangeException e) {
                LOG.info("a schema change that was left half done had failed", e.error());
                return;
            } catch (SQLException e) {
                if (!(e.getCause() instanceof FailedSchemaChangeException)) {
                    throw e;
                }
                // its entry was left out in a later shard, perhaps; who is to mend that must get in
                LOG.error("a schema change that was left half done can't be finished", e);
                return;
            }
            catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of());
        } else if (left.containsKey(FROZEN) || isFrozen(state)) {
            undo(agreement);
        }
    }

    private Result inEachShard(PendingSchemaChange change, Agreement agreement) throws SQLException {
        List<Receipt.Served> served = new ArrayList<>();
        boolean isCopied = isCopied(change);
        long rows = 0;
        Result first = null;
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            Result result;
            try {
                result = at(shard).define(change, agreement);
            } catch (FailedSchemaChangeException e) {
                abandon(change, agreement);
                throw shard == 0 ? e : halfDone(shard, e);
            }
            served.addAll(Objects.requireNonNull(result.receipt()).served());
            rows += shard == 0 || !isCopied ? result.count() : 0;
            first = first == null ? result : first;
        }
        Receipt receipt =
                Objects.requireNonNull(Objects.requireNonNull(first).receipt()).servedBy(served);
        return new Result(null, rows, null, receipt, null);
    }

    /** Whether every shard has the same rows, so that what TRUNCATE counts is what it counts in one of them. */
    private boolean isCopied(PendingSchemaChange change) {
        Catalog known = state.cluster().catalog();
        return change.tables().stream()
                .anyMatch(table -> known.sharding(table.schema(), table.name()) instanceof Sharding.Reference);
    }

    /** What the trial did not foresee; the first shard has it. */
    private static SQLException halfDone(int shard, FailedSchemaChangeException e) {
        return new SQLException(
                "the schema change is done in the shards before shard " + shard + ", where it failed: " + e.getMessage()
                        + "; undo it, or change that shard's rows, then run it again with IF NOT EXISTS or IF EXISTS",
                e.getSQLState(),
                e.getErrorCode(),
                e);
    }

    private SchemaChangePath at(int shard) {
        return new SchemaChangePath(state.at(shard), turn, patience);
    }
}
