package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.QueuedWrites;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.rule.DefinitionEffect;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Schema changes. Every shard has every table, so each goes through every shard's log, the first one's first; there its
 * error is found, if it has one, and then no other shard gets it. What is under way is written down in the catalog before
 * it begins, so that one whose session or process ended in the middle is finished before the next begins.
 */
public final class SchemaChanges {
    private static final Pattern ALTERS =
            Pattern.compile("\\s*ALTER\\s+(?:SEQUENCE|TABLE)\\b", Pattern.CASE_INSENSITIVE);
    private static final Agreement RECOVERY =
            new Agreement(Ladder.of(Level.SEQUENTIAL), "RECOVERY", Ladder.of(Level.SEQUENTIAL), null);
    private static final Logger LOG = LoggerFactory.getLogger(SchemaChanges.class);

    private final SessionState state;
    private final Duration patience;
    private final Limits limits;

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
            if (state.isOfLaggingSchema(e, Deadline.in(state.consistencyTimeout()))) {
                return compiled(statement, meaning);
            }
            throw e;
        }
    }

    private DefinitionEffect compiled(Statement.Sql statement, Meaning meaning) throws SQLException {
        try (StorageStatement query = new StorageStatement(statement.text(), StatementOptions.DEFAULT, meaning)) {
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
        Deadline deadline = Deadline.in(patience);
        while (true) {
            try (SchemaTurn turn = SchemaTurn.take(state, patience)) {
                at(0, turn).preflight(change);
                return at(0, turn).define(change, agreement);
            } catch (LostTurnException e) {
                requireTime(deadline, e);
            }
        }
    }

    private Result everywhere(PendingSchemaChange asked, Agreement agreement) throws SQLException {
        Deadline deadline = Deadline.in(patience);
        PendingSchemaChange noted = null;
        while (true) {
            try (SchemaTurn turn = SchemaTurn.take(state, patience)) {
                OverShards changes = new OverShards(state, turn, limits);
                state.underway().aside(() -> changes.finishPending(agreement));
                return noted == null ? changes.carryOut(asked, agreement) : changes.toTheEnd(noted, agreement);
            } catch (LostTurnException e) {
                // whoever comes next finishes what is noted, and that is this session if nobody was faster
                noted = e.noted() == null
                        ? noted
                        : Objects.requireNonNull(e.noted()).repeated();
                if (noted != null && deadline.isPast()) {
                    throw Refusals.outcomeUnknown("schema change", patience, state.at(0), e);
                }
                requireTime(deadline, e);
            }
        }
    }

    private static void requireTime(Deadline deadline, LostTurnException e) throws SQLException {
        if (deadline.isPast()) {
            throw e;
        }
        LOG.info("a schema change waits for another turn: {}", e.getMessage());
    }

    /** Finishes what an earlier process left half done. Before the first session of a database. */
    public void recover() throws SQLException {
        if (state.cluster().shards() > 1) {
            Deadline deadline = Deadline.in(patience);
            while (true) {
                try (SchemaTurn turn = SchemaTurn.take(state, patience)) {
                    new OverShards(state, turn, limits).finishPending(RECOVERY);
                    return;
                } catch (LostTurnException e) {
                    requireTime(deadline, e);
                }
            }
        }
    }

    /**
     * Finishes what a session left half done, when nobody is at it. For statements that a frozen table keeps waiting; what
     * can't be finished now is left to the next of them.
     */
    void finishAbandoned() {
        if (!OverShards.isLeftBehind(state)) {
            return;
        }
        try (SchemaTurn turn = SchemaTurn.takeIfFree(state)) {
            if (turn != null) {
                state.underway().aside(() -> new OverShards(state, turn, limits).finishPending(RECOVERY));
            }
        } catch (SQLException e) {
            LOG.info("a schema change that was left half done can't be finished yet", e);
        }
    }

    private SchemaChangePath at(int shard, SchemaTurn turn) {
        return new SchemaChangePath(state.at(shard), turn, patience);
    }
}
