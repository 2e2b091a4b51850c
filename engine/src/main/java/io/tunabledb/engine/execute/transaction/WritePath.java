package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.BatchFailures;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.internals.SequenceState;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.cut.CutPin;
import io.tunabledb.sql.Statement.TransactionControl;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Carries out writes: a real transaction on the leader's storage, whose row effects go through the log with its locks
 * held. Autocommit writes that certainly were not committed are run again on the next leader ({@link Autocommit});
 * explicit transactions give 40001 then ({@link ExplicitTransaction}).
 */
public final class WritePath implements AutoCloseable {
    private static final Agreement OWN_ROWS =
            new Agreement(Ladder.of(Level.SEQUENTIAL), "TEMPORARY TABLE", Ladder.of(Level.SEQUENTIAL), null);

    private final ShardSession session;
    private final Leaders leaders;
    private final LeaderStatements statements;
    private final ExplicitTransaction transaction;

    public WritePath(ShardSession session) {
        this.session = session;
        this.leaders = new Leaders(session);
        this.statements = new LeaderStatements(session);
        this.transaction = new ExplicitTransaction(session, statements, leaders);
    }

    /**
     * A write's text and what was decided for it.
     *
     * @param placementVersion where its tables were when it was planned
     * @param isAlone whether it is a transaction of its own
     */
    public record Write(
            StorageStatement query,
            Agreement agreement,
            List<String> tables,
            PlacementVersion placementVersion,
            boolean isAlone) {

        /** The same with a part of its text, or a text that does a part of its work. */
        public Write with(StorageStatement part) {
            return new Write(part, agreement, tables, placementVersion, isAlone);
        }

        /** The same by another agreement. */
        public Write by(Agreement other) {
            return new Write(query, other, tables, placementVersion, isAlone);
        }
    }

    /** Whether a transaction is open on the leader, or was and is lost. */
    public boolean inTransaction() {
        return transaction.isBegun();
    }

    /** Begins a transaction whose first statement will be at this rung, if there is none. */
    public void begin(Rung rung) throws SQLException {
        transaction.begin(rung);
    }

    /** Begins a transaction that is to be pinned at a cut, at a replica that is taken for the leader; undoes one readied before. */
    CutPin readyForCut(Replica leader, Rung rung, Deadline deadline) throws SQLException {
        return transaction.readyForCut(leader, rung, deadline);
    }

    /** What was readied is pinned: from now on it is the open transaction. */
    void begunAt(CutPin pin) {
        transaction.begunAt(pin);
    }

    /** What was readied is of no use. */
    void forgetReady() {
        transaction.forgetReady();
    }

    /** Executes in the open transaction, begun now if there is none, whatever the mode. */
    public Result execute(Write write, Parameters parameters) throws SQLException {
        return transaction.execute(write, parameters);
    }

    /** Where the open transaction is now, begun if there is none, for {@link #changesSince}. */
    public long mark() throws SQLException {
        return transaction.mark();
    }

    /** What it did to some tables since; null for nothing. */
    public byte @Nullable [] changesSince(long mark, Predicate<TableName> which) throws SQLException {
        return transaction.changesSince(mark, which);
    }

    /** Takes values from a sequence in the open transaction, begun now if there is none; with 0 only looks. */
    public SequenceState takeValues(SequenceName name, long count) throws SQLException {
        return transaction.takeValues(name, count);
    }

    /** Locks an outbox's mark in the open transaction, begun now if there is none, and reads it. */
    public long lockOutboxMark(long incarnation) throws SQLException {
        return transaction.inside(writer -> writer.lockOutboxMark(incarnation));
    }

    /** Everything in that outbox up to {@code number} is carried out with the open transaction. */
    public void raiseOutboxMark(int node, long incarnation, long number) throws SQLException {
        transaction.inside(writer -> {
            writer.raiseOutboxMark(node, incarnation, number);
            return true;
        });
    }

    /**
     * Makes changes in the open transaction, begun now if there is none, that were made in another shard.
     *
     * @param placementVersion where the tables were when the statement that made them was planned
     */
    public void ship(byte[] changes, PlacementVersion placementVersion) throws SQLException {
        transaction.ship(changes, placementVersion);
    }

    /** Its part of a transaction over shards, to be ended by whoever takes it; null when there is nothing to commit. */
    public CrossCommit.@Nullable Branch take() throws SQLException {
        return transaction.take();
    }

    /** Rolls the open transaction back; what is left of it refuses everything with 40001 until it is ended. */
    public void doom(String why) {
        transaction.doom(why);
    }

    /** Why the open transaction is lost; null when it is not. */
    @Nullable
    public String doomed() {
        return transaction.doomed();
    }

    /** The session's local temporary tables in this shard. */
    public List<TemporaryTable> temporaryTables() throws SQLException {
        return statements.temporaryTables();
    }

    /** Drops a local temporary table of the session inside the open transaction. */
    public void forgetTemporaryTable(String name) throws SQLException {
        statements.forgetTemporaryTable(name);
    }

    /** Whether a text drops an index of the session's own. */
    public boolean dropsOwnIndex(String sql) throws SQLException {
        return statements.dropsOwnIndex(sql);
    }

    /** Reads rows that only the session itself changes, in no transaction. Not inside one. */
    public Result readOwn(StorageStatement query, PlacementVersion placementVersion, Parameters parameters)
            throws SQLException {
        return autocommit(new Write(query, OWN_ROWS, List.of(), placementVersion, true), List.of(parameters))
                .get(0);
    }

    /** Executes once per element; if it is alone all of them travel in one log entry. Of a single one its own error. */
    public List<Result> writeBatch(Write write, List<Parameters> batch) throws SQLException {
        if (write.isAlone) {
            return autocommit(write, batch);
        }
        if (batch.size() == 1) {
            return List.of(transaction.execute(write, batch.get(0)));
        }
        List<Result> results = new ArrayList<>(batch.size());
        BatchFailures failures = new BatchFailures();
        for (Parameters parameters : batch) {
            try {
                Result result = transaction.execute(write, parameters);
                results.add(result);
                failures.succeeded(result.count());
            } catch (SQLException e) {
                failures.failed(e);
                if (transaction.isDoomed() || BatchFailures.isForAll(e)) {
                    break;
                }
            }
        }
        failures.throwIfAny();
        return results;
    }

    private List<Result> autocommit(Write write, List<Parameters> batch) throws SQLException {
        return new Autocommit(session, statements, leaders, write, batch).run();
    }

    /** Commits the open transaction, if there is one. 40001 when it was lost, 08007 when nobody knows in time. */
    public void commit() throws SQLException {
        transaction.commit();
    }

    /** Rolls the open transaction back, if there is one. */
    public void rollback() {
        transaction.rollback();
    }

    /** Does something about savepoints inside the open transaction, begun now if there is none. */
    public void control(TransactionControl control) throws SQLException {
        transaction.control(control);
    }

    /** Cancels a running statement. */
    public void cancel() {
        statements.cancel();
    }

    /** A session setting changed. */
    public void applySetting(String text) throws SQLException {
        statements.applySetting(text, !transaction.isBegun());
    }

    @Override
    public void close() {
        rollback();
        statements.close();
    }
}
