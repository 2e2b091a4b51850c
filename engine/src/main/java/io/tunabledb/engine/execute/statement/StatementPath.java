package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.execute.ddl.StalePlans;
import io.tunabledb.engine.execute.outbox.OutboxPath;
import io.tunabledb.engine.execute.read.ReadPath;
import io.tunabledb.engine.execute.scatter.Reads;
import io.tunabledb.engine.execute.scatter.Writes;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.execute.transaction.WriteLadder;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.negotiate.Negotiator;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of a decided read or write to replicas, to leaders or to an outbox. One whose tables change shards under it is
 * decided again, for as long as a statement waits for anything.
 */
final class StatementPath {
    private final SessionState state;
    private final Decider decider;
    private final SessionTransaction transaction;
    private final TemporaryTables temporaryTables;
    private final Reads reads;
    private final Writes writes;
    private final OutboxPath outbox;
    private final SchemaChanges changes;

    StatementPath(
            SessionState state,
            Decider decider,
            SessionTransaction transaction,
            TemporaryTables temporaryTables,
            Ways ways,
            SchemaChanges changes) {
        this.state = state;
        this.decider = decider;
        this.transaction = transaction;
        this.temporaryTables = temporaryTables;
        this.reads = ways.reads;
        this.writes = ways.writes;
        this.outbox = ways.outbox;
        this.changes = changes;
    }

    /** The doors of the rooms below. */
    record Ways(Reads reads, Writes writes, OutboxPath outbox) {}

    /**
     * What stays the same of an execution that is decided again.
     *
     * @param isAlone whether it is a transaction of its own
     */
    record Execution(Statement.Sql statement, StorageStatement query, boolean isAlone) {
        private WritePath.Write write(Decision decision, Agreement agreement) {
            return new WritePath.Write(query, agreement, decision.tables(), decision.placementVersion(), isAlone);
        }
    }

    // ---- decided again ----

    /** What is done with a decision. */
    private interface Decided<T> {
        T with(Decision decision) throws SQLException;
    }

    /** Decides again for as long as the statement's tables change shards under it and there is time. */
    private <T> T planned(Statement.Sql statement, StorageStatement query, Decision decision, Decided<T> work)
            throws SQLException {
        StalePlans stale = null;
        Decision now = decision;
        while (true) {
            try {
                return work.with(now);
            } catch (StalePlanException e) {
                temporaryTables.findIfLost();
                stale = stale == null ? new StalePlans(state, changes) : stale;
                stale.waitAfter(e);
                now = decider.decide(statement, query.meaning());
            }
        }
    }

    // ---- reads ----

    Result read(Statement.Sql statement, Decision decision, StorageStatement query, Parameters parameters)
            throws SQLException {
        return planned(statement, query, decision, now -> read(now, query, parameters));
    }

    private Result read(Decision decision, StorageStatement query, Parameters parameters) throws SQLException {
        boolean isBeside = false;
        boolean isValidated = transaction.isValidated(decision);
        if (isValidated) {
            transaction.requireNothingBeside();
            isBeside = transaction.readsBeside(decision.plan().shards());
        }
        // reads inside a writing transaction must see its rows, so they run where it runs
        if (writes.inTransaction()
                || state.mode().readsNeedTransaction()
                || (isValidated && !isBeside)
                || needsWritingSession(decision, parameters)) {
            WritePath.Write read = new WritePath.Write(
                    query,
                    decision.agreement(),
                    decision.tables(),
                    decision.placementVersion(),
                    state.mode().isAutoCommit());
            return writes.write(read, decision.plan().placement(), parameters);
        }
        return reads.read(
                new ReadPath.Read(query, decision.agreement(), decision.tables(), decision.placementVersion()),
                decision.plan().placement(),
                parameters);
    }

    /** Whether it reads the session's own tables, and rows of no other shard. */
    private boolean needsWritingSession(Decision decision, Parameters parameters) {
        return temporaryTables.areUsed(decision.plan())
                && decision.plan().placement().route(parameters::value) instanceof ShardRoute.OneShard;
    }

    // ---- writes ----

    Result write(Execution execution, Decision decision, Parameters parameters) throws SQLException {
        requireWritable(execution.statement);
        return writeBatch(execution, decision, List.of(parameters)).get(0);
    }

    /** Once per element; what {@link #requireWritable} tests is tested. */
    List<Result> writeBatch(Execution execution, Decision decision, List<Parameters> batch) throws SQLException {
        return planned(
                execution.statement,
                execution.query,
                decision,
                now -> WriteLadder.run(
                        now.agreement(), execution.isAlone, agreement -> writeBatch(execution, now, agreement, batch)));
    }

    /** To the node's outbox if that is enough, else to the leader. */
    private List<Result> writeBatch(Execution execution, Decision decision, Agreement agreed, List<Parameters> batch)
            throws SQLException {
        Agreement agreement = agreed;
        if (OutboxPath.isWeak(agreement)) {
            String obstacle = obstacle(execution, decision);
            List<Integer> shards =
                    obstacle == null ? outbox.shards(decision.plan().placement(), batch) : null;
            if (shards != null) {
                return outbox.writeBatch(
                        new OutboxPath.WeakWrite(execution.statement, execution.write(decision, agreement), shards),
                        batch);
            }
            agreement =
                    Negotiator.raised(agreement, Objects.requireNonNullElse(obstacle, "it concerns several shards"));
        }
        if (agreement.granted().first().level() == Level.LINEARIZABLE) {
            transaction.requireNothingBeside();
        }
        outbox.requireNotGathering(agreement);
        return writes.writeBatch(
                execution.write(decision, agreement),
                decision.plan().placement(),
                batch,
                one -> writeBatch(execution, decideAgain(execution), List.of(one))
                        .get(0));
    }

    /** For one element of a batch whose tables have changed shards. */
    private Decision decideAgain(Execution execution) throws SQLException {
        return decider.decide(execution.statement, execution.query.meaning());
    }

    private @Nullable String obstacle(Execution execution, Decision decision) {
        String obstacle = OutboxPath.obstacle(execution.statement, writes.inTransaction());
        return obstacle == null && temporaryTables.areUsed(decision.plan())
                ? "its temporary table is at the leader"
                : obstacle;
    }

    /** Before anything that writes, at once: on a connection that may, with memory and disk for it. */
    void requireWritable(Statement.Sql statement) throws SQLException {
        if (state.mode().isReadOnly()) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    statement.operation() + " on a read-only connection; call setReadOnly(false) first");
        }
        if (!freesMemory(statement)) {
            state.watermark().require();
        }
        DiskRoom.requireForWrite(state.cluster());
    }

    /** What makes room must not be refused for want of room. */
    private static boolean freesMemory(Statement.Sql statement) {
        return statement.operation() == Operation.DELETE
                || statement.traits().contains(Trait.DROPS)
                || statement.traits().contains(Trait.TRUNCATES);
    }
}
