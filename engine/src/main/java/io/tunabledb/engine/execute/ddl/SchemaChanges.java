package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.CallOptions;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.Query;
import io.tunabledb.engine.execute.session.QueuedWrites;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.ddl.DefinitionEffect;
import io.tunabledb.engine.h2.ddl.SchemaChange;
import io.tunabledb.engine.h2.internals.TableName;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.Sharding;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Schema changes. Every shard has every table, so each goes through every shard's log, the first one's first; there its
 * error is found, if it has one, and then no other shard gets it. What is under way is written down in the catalog before
 * it begins, so that one whose session or process ended in the middle is finished before the next begins.
 */
public final class SchemaChanges {
    private static final String FROZEN = PendingSchemaChange.PREFIX + "frozen";
    private static final String LOCK = PendingSchemaChange.PREFIX + "lock";
    private static final Pattern ALTERS =
            Pattern.compile("\\s*ALTER\\s+(?:SEQUENCE|TABLE)\\b", Pattern.CASE_INSENSITIVE);
    private static final Agreement RECOVERY =
            new Agreement(Ladder.of(Level.SEQUENTIAL), "RECOVERY", Ladder.of(Level.SEQUENTIAL), null);
    private static final Logger LOG = LoggerFactory.getLogger(SchemaChanges.class);

    private final SessionState state;
    private final Duration patience;
    private final Limits limits;
    private final SettingsPath catalog;
    private final Freeze freeze;

    /**
     * How large a schema change may be.
     *
     * @param patience how long one may take; rebuilding a large table takes longer than a write
     * @param moveRows how many rows one may send to other shards
     * @param trialRows how many rows of a shard one may be tried on
     */
    public record Limits(Duration patience, long moveRows, long trialRows) {
        /** What a URL says, or its defaults. */
        public static Limits of(DatabaseUrl url) throws SQLException {
            return new Limits(url.definitionTimeout(), url.maxMoveRows(), url.maxTrialRows());
        }
    }

    /** The schema changes of one session. */
    public SchemaChanges(SessionState state, Limits limits) {
        this.state = state;
        this.patience = limits.patience;
        this.limits = limits;
        this.freeze = new Freeze(state, patience);
        this.catalog = new SettingsPath(state.at(0));
    }

    /**
     * What a statement will do to open transactions.
     *
     * @param meaning what its names mean
     * @param isInTransaction whether the session has one
     * @throws SQLException what is wrong with the text: then, as in H2, the transaction is as it was
     */
    public DefinitionEffect effect(Statement.Sql statement, Meaning meaning, boolean isInTransaction)
            throws SQLException {
        if (!isInTransaction && !ALTERS.matcher(statement.text()).lookingAt()) {
            return DefinitionEffect.COMMITS;
        }
        try {
            return compiled(statement, meaning);
        } catch (SQLException e) {
            // otherwise its execution says what is wrong with it
            if (!isInTransaction || !isOfText(e)) {
                return DefinitionEffect.COMMITS;
            }
            if (state.isOfLaggingSchema(e)) {
                return compiled(statement, meaning);
            }
            throw e;
        }
    }

    private DefinitionEffect compiled(Statement.Sql statement, Meaning meaning) throws SQLException {
        try (Query query = new Query(statement.text(), CallOptions.DEFAULT, meaning)) {
            return DefinitionEffect.of(query.describedOn(state.metadata()));
        }
    }

    private static boolean isOfText(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith("42");
    }

    /** Executes {@code sql} on every replica of every shard and answers what it came to. */
    public Result define(String sql, Plan plan, Agreement agreement) throws SQLException {
        return define(sql, Map.of(), plan, agreement, state.settings().meaning());
    }

    /**
     * Executes {@code sql} on every replica of every shard, puts the settings that come with it in the same step, and
     * answers what it came to.
     *
     * @param sql empty when there are only settings, of the plan's tables
     * @param meaning what its names mean
     */
    public Result define(String sql, Map<String, String> settings, Plan plan, Agreement agreement, Meaning meaning)
            throws SQLException {
        // over several shards it is an author of its own: the session's later writes must not end what it can be asked
        // for
        TransactionId transactionId = state.cluster().shards() == 1
                ? new TransactionId(state.id(), state.nextNumber())
                : new TransactionId(ThreadLocalRandom.current().nextLong(), 1);
        PendingSchemaChange change = new PendingSchemaChange(
                transactionId,
                new SchemaChange(
                        meaning.schema(),
                        sql,
                        sql.isEmpty()
                                ? settings
                                : with(settings, state.settings().ofDefinition(meaning))),
                Freeze.names(plan),
                plan.definesEverywhere(),
                false);
        requireFitting(change.definition());
        // what the session wrote before must find the tables it was written for
        QueuedWrites.settleAll(state, agreement.granted().first(), Deadline.in(state.consistencyTimeout()));
        try {
            if (state.cluster().shards() > 1) {
                return everywhere(change, agreement);
            }
            return alone(change, agreement);
        } catch (FailedSchemaChangeException e) {
            throw e.error();
        }
    }

    private static Map<String, String> with(Map<String, String> settings, Map<String, String> sets) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.putAll(SchemaChange.under(sets));
        return all;
    }

    private void requireFitting(SchemaChange definition) throws SQLException {
        int bytes = definition.encode().length;
        int most = state.cluster().maxTransactionBytes();
        if (bytes > most) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "the schema change has " + bytes + " bytes, more than maxTransaction=" + most
                            + "; make it shorter, or write it in several statements. Nothing was changed");
        }
    }

    /** One at a time, so that what was tried is the schema that it comes to. */
    private Result alone(PendingSchemaChange change, Agreement agreement) throws SQLException {
        Lock lock = state.cluster().definitions();
        lock(lock);
        try {
            at(0).preflight(change);
            return at(0).define(change, agreement);
        } finally {
            lock.unlock();
        }
    }

    private Result everywhere(PendingSchemaChange asked, Agreement agreement) throws SQLException {
        Lock lock = state.cluster().definitions();
        lock(lock);
        try {
            state.underway().aside(() -> finishPending(agreement));
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
                // the point of no return: from here on it is finished, whoever has to do it
                String pending = change.encode();
                catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of(PendingSchemaChange.PENDING, pending));
            }
            return toTheEnd(change, agreement);
        } finally {
            lock.unlock();
        }
    }

    private Result toTheEnd(PendingSchemaChange change, Agreement agreement) throws SQLException {
        try {
            Result result = inEachShard(change, agreement);
            catalog.edit(PendingSchemaChange.PREFIX, LOCK, current -> Map.of());
            return result;
        } catch (SQLException e) {
            boolean isEnded = !(e instanceof FailedSchemaChangeException)
                    && SqlState.CANCELLED.code().equals(e.getSQLState());
            throw isEnded
                    ? Refusals.unknownSinceEnded(
                            "schema change", state.underway().isStopped(), e)
                    : e;
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
                new RowMove(state, frozen.get(0), move, new RowMove.Limits(limits.moveRows, patience)).send();
            }
            if (state.underway().isStopped()) {
                throw Refusals.cancelledWhileMoving();
            }
        } catch (SQLException | RuntimeException e) {
            try {
                undo(agreement);
            } catch (SQLException | RuntimeException more) {
                // whoever comes next, or meets the frozen table, ends it
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
                Storage.dependsOnRows(change.definition())
                        && shard < state.cluster().shards();
                shard++) {
            at(shard).tryOut(change, limits.trialRows);
        }
    }

    private void lock(Lock lock) throws SQLException {
        lock(lock, patience);
    }

    /** Keeps schema changes out. */
    static void lock(Lock lock, Duration patience) throws SQLException {
        try {
            if (!Deadline.in(patience).await(nanos -> lock.tryLock(nanos, TimeUnit.NANOSECONDS))) {
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
            finishPending(RECOVERY);
        }
    }

    /**
     * Finishes what a session of this process left half done, when nobody is at it. For statements that a frozen table keeps
     * waiting; what can't be finished now is left to the next of them.
     */
    void finishAbandoned() {
        Lock lock = state.cluster().definitions();
        if (!isLeftBehind() || !lock.tryLock()) {
            return;
        }
        try {
            state.underway().aside(() -> finishPending(RECOVERY));
        } catch (SQLException e) {
            LOG.info("a schema change that was left half done can't be finished yet", e);
        } finally {
            lock.unlock();
        }
    }

    /** As far as any replica in reach knows. */
    private boolean isLeftBehind() {
        ShardSession first = state.at(0);
        return first.view().replicas().stream()
                        .map(view -> first.replica(view.node()).settings())
                        .anyMatch(settings ->
                                settings.containsKey(PendingSchemaChange.PENDING) || settings.containsKey(FROZEN))
                || isFrozen();
    }

    /** Without a note of it nobody is at it: a freeze that its session gave up may have been logged only later. */
    private boolean isFrozen() {
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
     * Nobody else is at it, because of the lock; in the ledgers is which shards have it. What is not certain to be wanted is
     * undone: a freeze without a change that is pending.
     */
    private void finishPending(Agreement agreement) throws SQLException {
        Map<String, String> left = new LinkedHashMap<>();
        // not just read: whoever was writing it down when its session gave up has this lock until it is known
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
        } else if (left.containsKey(FROZEN) || isFrozen()) {
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
        return new SchemaChangePath(state.at(shard), patience);
    }
}
