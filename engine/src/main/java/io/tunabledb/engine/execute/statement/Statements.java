package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.read.CommitWait;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The door for a session's decided statements: each that passes is measured, its answer is kept back while that may cause
 * something in an earlier epoch, and its receipt is the session's last one.
 */
public final class Statements {
    private final SessionState state;
    private final Decider decider;
    private final SessionTransaction transaction;
    private final StatementPath path;
    private final DefinitionPath definitions;
    private final CommitWait commitWait;
    private final Observation observation;
    private @Nullable Receipt lastReceipt;

    /** What one statement does. */
    private interface Work {
        Result run() throws SQLException;
    }

    Statements(
            SessionState state,
            Decider decider,
            SessionTransaction transaction,
            StatementPath path,
            DefinitionPath definitions,
            CommitWait commitWait,
            Observation observation) {
        this.state = state;
        this.decider = decider;
        this.transaction = transaction;
        this.path = path;
        this.definitions = definitions;
        this.commitWait = commitWait;
        this.observation = observation;
    }

    /** Executes once. */
    public Result execute(Statement.Sql statement, Decision decision, StorageStatement query, Parameters parameters)
            throws SQLException {
        return observed(decision, false, () -> carryOut(statement, decision, query, parameters));
    }

    private Result carryOut(Statement.Sql statement, Decision decision, StorageStatement query, Parameters parameters)
            throws SQLException {
        return switch (decision.plan().kind()) {
            case READ -> path.read(statement, decision, query, parameters);
            case WRITE ->
                DefinitionPath.isOwn(statement)
                        ? definitions.defineOwn(statement, decision, query, parameters)
                        : path.write(execution(statement, query), decision, parameters);
            case DEFINE -> definitions.define(statement, decision, null);
        };
    }

    private StatementPath.Execution execution(Statement.Sql statement, StorageStatement query) {
        return new StatementPath.Execution(statement, query, state.mode().isAutoCommit());
    }

    /**
     * Executes a definition.
     *
     * @param sharding where the rows of its first table are, as the table's setting has it
     */
    public Result define(Statement.Sql statement, Decision decision, String sharding) throws SQLException {
        return observed(decision, false, () -> definitions.define(statement, decision, sharding));
    }

    /** Executes once what gives no rows, decided for now. */
    public Result execute(Statement.Sql statement, Parameters parameters) throws SQLException {
        try (StorageStatement query = StorageStatement.plain(statement.text())) {
            return execute(statement, decider.decide(statement), query, parameters);
        }
    }

    /** Executes a write as a transaction of its own, whatever the mode; no other is open. */
    void writeAlone(Statement.Sql statement) throws SQLException {
        try (StorageStatement query = StorageStatement.plain(statement.text())) {
            StatementPath.Execution execution = new StatementPath.Execution(statement, query, true);
            Decision decision = decider.decide(statement);
            var unused = observed(decision, true, () -> path.write(execution, decision, Parameters.NONE));
        }
    }

    /** @param isAlone whether it is a transaction of its own whatever the mode */
    private Result observed(Decision decision, boolean isAlone, Work work) throws SQLException {
        state.time().begin(isAlone || state.mode().isAutoCommit());
        long began = observation.begin(decision);
        Receipt receipt = null;
        Result result;
        try {
            result = work.run();
            receipt = result.receipt();
            boolean wasAlone = isAlone || state.mode().isAutoCommit();
            commitWait.answer(receipt, wasAlone && decision.plan().kind() != Plan.Kind.READ);
        } catch (SQLException e) {
            throw failed(decision, e);
        } finally {
            observation.end(decision, receipt, began);
        }
        lastReceipt = result.receipt();
        // a definition has ended the transaction that BEGIN began, and autocommit is on again
        ended(decision, lastReceipt, isAlone || state.mode().isAutoCommit());
        return observation.told(decision, result);
    }

    private SQLException failed(Decision decision, SQLException failure) throws SQLException {
        observation.failed(decision, failure);
        commitWait.failure(failure, decision.agreement());
        return failure;
    }

    /** One that is alone was a transaction of its own. */
    private void ended(Decision decision, @Nullable Receipt receipt, boolean isAlone) throws SQLException {
        if (!isAlone) {
            return;
        }
        if (decision.plan().isWrite() && receipt != null) {
            decision.meter().acknowledged(receipt);
        }
        if (state.mode().rung() != null) {
            transaction.ended();
        }
    }

    /** Executes a write once per element. */
    public List<Result> executeBatch(
            Statement.Sql statement, Decision decision, StorageStatement query, List<Parameters> batch)
            throws SQLException {
        StatementPath.Execution execution = execution(statement, query);
        path.requireWritable(statement);
        state.time().begin(execution.isAlone());
        long began = observation.begin(decision);
        Receipt receipt = null;
        List<Result> results;
        try {
            results = path.writeBatch(execution, decision, batch);
            receipt = results.isEmpty() ? null : results.get(0).receipt();
            commitWait.answer(receipt, execution.isAlone());
        } catch (SQLException e) {
            throw failed(decision, e);
        } finally {
            observation.end(decision, receipt, began);
        }
        lastReceipt = receipt == null ? lastReceipt : receipt;
        ended(decision, lastReceipt, execution.isAlone());
        return results.stream()
                .map(result -> observation.told(decision, result))
                .toList();
    }

    /** The receipt of the last statement, or null. */
    public @Nullable Receipt lastReceipt() {
        return lastReceipt;
    }

    /** As if nothing had been executed. */
    public void forgetReceipt() {
        lastReceipt = null;
    }
}
