package io.tunabledb.engine;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.CallOptions;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.session.BatchFailures;
import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.execute.session.Query;
import io.tunabledb.engine.execute.statement.Decision;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One statement of a session, executed any number of times: what stands behind a JDBC statement. Not safe for use by
 * many threads, except {@link #cancel}.
 */
public final class Call implements AutoCloseable {
    private final Session session;
    private final List<Step> steps = new ArrayList<>(1);
    private int timeoutSeconds;
    private final boolean isDeep;
    /** Whether parameters have numbers, which count through the whole text. */
    private final boolean isNumbered;

    /** One statement of the text, with what was decided for it last. */
    private static final class Step {
        private final Statement statement;
        private final @Nullable Query query;
        private @Nullable Decision decision;

        Step(Statement statement, CallOptions options, Meaning meaning) {
            this.statement = statement;
            this.query = statement instanceof Statement.Sql sql ? new Query(sql.text(), options, meaning) : null;
        }
    }

    /**
     * @param isDeep whether its execution needs a deep stack
     * @throws SQLException 90123: some parameters have numbers and some have none
     */
    Call(Session session, List<Statement> statements, CallOptions options, boolean isDeep) throws SQLException {
        this.session = session;
        this.isDeep = isDeep;
        // as in H2, only a statement alone gives generated keys
        Meaning meaning = session.paths().state().settings().meaning();
        CallOptions each = statements.size() == 1 ? options : options.withoutKeys();
        for (Statement statement : statements) {
            steps.add(new Step(statement, each, meaning));
        }
        this.isNumbered = steps.stream().anyMatch(Call::isNumbered);
        if (isNumbered && steps.stream().anyMatch(step -> parameterCount(step) > 0 && !isNumbered(step))) {
            throw SqlErrors.mixedParameters();
        }
    }

    private static boolean isNumbered(Step step) {
        return step.statement instanceof Statement.Sql sql && sql.traits().contains(Trait.NUMBERED_PARAMETERS);
    }

    /** How many JDBC parameters the text has. */
    public int parameterCount() {
        int count = 0;
        for (Step step : steps) {
            count = isNumbered ? Math.max(count, parameterCount(step)) : count + parameterCount(step);
        }
        return count;
    }

    /** Whether the first statement gives rows; known without executing it. */
    public boolean isQuery() {
        if (steps.isEmpty()) {
            return false;
        }
        Statement first = steps.get(0).statement;
        return first instanceof Statement.Sql sql
                ? sql.operation().isRead()
                : first instanceof Statement.ShowConsistency
                        || first instanceof Statement.ExplainConsistency
                        || first instanceof Statement.CheckReplicas;
    }

    /** Executes; several statements in one text run in order and the first one's result is returned, as H2 does. */
    public Result execute(Parameters parameters) throws SQLException {
        return onStack(() -> executeSteps(parameters));
    }

    /** A stack that is too small ends the statement, not the caller's thread. */
    private <T> T onStack(Stacks.Task<T, SQLException> task) throws SQLException {
        try {
            return isDeep ? Stacks.deep(task) : task.run();
        } catch (SQLException e) {
            throw SqlErrors.isOverflow(e) ? Nesting.overflow(e) : SqlErrors.unwrapped(e);
        } catch (StackOverflowError e) {
            throw Nesting.overflow(e);
        } catch (OutOfMemoryError e) {
            throw session.underway().outOfMemory(e);
        }
    }

    private Result executeSteps(Parameters parameters) throws SQLException {
        if (steps.isEmpty()) {
            session.requireOpen();
            return new Result(null, 0, null, null, null);
        }
        session.underway().begin(timeoutSeconds);
        try {
            return steps.size() == 1 ? execute(steps.get(0), parameters) : executeAll(parameters);
        } finally {
            session.underway().end();
        }
    }

    private Result executeAll(Parameters parameters) throws SQLException {
        parameters.requireAll();
        Result first = null;
        int bound = 0;
        for (Step step : steps) {
            if (first != null) {
                session.underway().next();
            }
            int count = parameterCount(step);
            Result result = execute(step, parameters.part(isNumbered ? 0 : bound, count));
            bound += count;
            first = first == null ? result : first;
        }
        return Objects.requireNonNull(first);
    }

    private static int parameterCount(Step step) {
        return step.statement instanceof Statement.Sql sql ? sql.parameterCount() : 0;
    }

    /**
     * Executes once per element. In autocommit mode all elements travel in one log entry; one that fails leaves nothing,
     * the others take effect.
     *
     * @throws java.sql.BatchUpdateException with each element's count when one fails
     */
    public List<Result> executeBatch(List<Parameters> batch) throws SQLException {
        return onStack(() -> executeUnderway(batch));
    }

    private List<Result> executeUnderway(List<Parameters> batch) throws SQLException {
        session.underway().begin(timeoutSeconds);
        try {
            return executeEach(batch);
        } finally {
            session.underway().end();
        }
    }

    private List<Result> executeEach(List<Parameters> batch) throws SQLException {
        Step only = steps.size() == 1 ? steps.get(0) : null;
        Query query = only == null ? null : only.query;
        if (only != null && query != null && only.statement instanceof Statement.Sql sql) {
            Decision decision = decide(only, sql);
            // H2 commits on the session's own definitions, which end the transaction first, each on its own
            if (decision.plan().isWrite() && sql.operation() != Operation.DDL) {
                return batch.isEmpty() ? List.of() : executeBatch(sql, decision, query, batch);
            }
        }
        List<Result> results = new ArrayList<>(batch.size());
        BatchFailures failures = new BatchFailures();
        for (Parameters parameters : batch) {
            try {
                Result result = executeSteps(parameters);
                results.add(result);
                failures.succeeded(result.count());
            } catch (SQLException e) {
                failures.failed(e);
            }
        }
        failures.throwIfAny();
        return results;
    }

    private Result execute(Step step, Parameters parameters) throws SQLException {
        Query query = step.query;
        return query != null && step.statement instanceof Statement.Sql sql
                ? execute(sql, decide(step, sql), query, parameters)
                : session.command(step.statement);
    }

    private Result execute(Statement.Sql sql, Decision decision, Query query, Parameters parameters)
            throws SQLException {
        session.requireOpen();
        return session.paths().statements().execute(sql, decision, query, parameters);
    }

    private List<Result> executeBatch(Statement.Sql sql, Decision decision, Query query, List<Parameters> batch)
            throws SQLException {
        session.requireOpen();
        return session.paths().statements().executeBatch(sql, decision, query, batch);
    }

    private static @Nullable Meaning meaning(Step step) {
        Query query = step.query;
        return query == null ? null : query.meaning();
    }

    private Decision decide(Step step, Statement.Sql sql) throws SQLException {
        Decision decision = step.decision;
        if (decision == null || !session.paths().decider().isCurrent(decision)) {
            decision = session.paths().decider().decide(sql, meaning(step));
            step.decision = decision;
        }
        return decision;
    }

    /**
     * The first statement prepared on a replica's H2 but never executed: the source of ResultSetMetaData.
     *
     * @throws SQLException for our own commands, which have neither
     */
    public PreparedStatement describe() throws SQLException {
        Query query = steps.isEmpty() ? null : steps.get(0).query;
        if (query == null) {
            throw Errors.of(SqlState.NOT_SUPPORTED, "a consistency command has no metadata before it is executed");
        }
        Step step = steps.get(0);
        PreparedStatement described = onStack(() -> query.describedOn(session.metadata(patience(step))));
        // a parameter that was bound before would show the type of its value instead of the column's
        described.clearParameters();
        return described;
    }

    /** The parameter of that number, from 1, in a statement that was prepared but never executed. */
    public record DescribedParameter(ParameterMetaData parameters, int index) {}

    /** What is known of each parameter of the text, whichever of its statements has it. */
    public List<DescribedParameter> describeParameters() throws SQLException {
        List<DescribedParameter> all = new ArrayList<>();
        for (Step step : steps) {
            int count = parameterCount(step);
            if (count > 0) {
                ParameterMetaData parameters = onStack(() -> parameters(step));
                for (int i = 1; i <= count; i++) {
                    DescribedParameter one = new DescribedParameter(parameters, i);
                    if (!isNumbered || i > all.size()) {
                        all.add(one);
                    } else if (parameters.getParameterType(i) != Types.VARCHAR) {
                        // a statement that lacks the number has a text there
                        all.set(i - 1, one);
                    }
                }
            }
        }
        return all;
    }

    private ParameterMetaData parameters(Step step) throws SQLException {
        Query query = Objects.requireNonNull(step.query, "only what storage is given has parameters");
        PreparedStatement described;
        try {
            described = query.describedOn(session.metadata(patience(step)));
        } catch (SQLException e) {
            if (steps.size() == 1 || e instanceof SQLTransientException) {
                throw e;
            }
            // it may need what a statement before it makes: until then of each parameter no type is known
            described = session.scratch().prepareStatement("SELECT ?" + ", ?".repeat(parameterCount(step) - 1));
        }
        // a parameter that was bound before would show the type of its value instead of the column's
        described.clearParameters();
        return described.getParameterMetaData();
    }

    /**
     * Finds out now what is wrong with the text, as H2 does when it prepares. A statement that names a session's
     * temporary tables is only checked when it runs, and so is everything while no replica can be reached.
     *
     * @throws SQLException H2's error for the text
     */
    public void check() throws SQLException {
        onStack(() -> {
            checkSteps();
            return true;
        });
    }

    private void checkSteps() throws SQLException {
        for (Step step : steps) {
            if (step.query != null
                    && step.statement instanceof Statement.Sql sql
                    && sql.operation() != Operation.DDL
                    && steps.size() == 1) {
                session.paths().metadata().check(step.query, patience(step, sql));
            }
        }
    }

    private Duration patience(Step step) {
        return step.statement instanceof Statement.Sql sql
                ? patience(step, sql)
                : session.paths().state().consistencyTimeout();
    }

    /** How long its level lets a statement wait for what the session has seen. */
    private Duration patience(Step step, Statement.Sql sql) {
        Rung rung;
        try {
            rung = decide(step, sql).agreement().granted().first();
        } catch (SQLException e) {
            // storage's own error for the text comes first, as H2 has it
            return session.paths().state().consistencyTimeout();
        }
        return session.paths().levels().patience(rung);
    }

    /** The most rows a query returns; 0 means all. */
    public void setMaxRows(long maxRows) throws SQLException {
        for (Step step : steps) {
            if (step.query != null) {
                step.query.maxRows(maxRows);
            }
        }
    }

    /** After how many seconds an execution is cancelled; 0 means never. */
    public void setQueryTimeout(int seconds) throws SQLException {
        timeoutSeconds = seconds;
        for (Step step : steps) {
            if (step.query != null) {
                step.query.timeout(seconds);
            }
        }
    }

    /** Makes a running execution fail with 57014 soon. Does nothing when none runs. From any thread. */
    public void cancel() {
        session.cancel();
    }

    @Override
    public void close() {
        for (Step step : steps) {
            if (step.query != null) {
                step.query.close();
            }
        }
    }
}
