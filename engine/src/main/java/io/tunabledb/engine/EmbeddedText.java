package io.tunabledb.engine;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.execute.session.BatchFailures;
import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.sql.Statement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A prepared text of a session whose database runs in this JVM: its statements, executed one after the other. */
final class EmbeddedText implements PreparedText {
    private final EmbeddedSession session;
    private final List<DecidedStatement> statements = new ArrayList<>(1);
    private int timeoutSeconds;
    private final boolean isDeep;
    /** Whether parameters have numbers, which count through the whole text. */
    private final boolean isNumbered;

    /**
     * @param isDeep whether its execution needs a deep stack
     * @throws SQLException 90123: some parameters have numbers and some have none
     */
    EmbeddedText(EmbeddedSession session, List<Statement> parsed, StatementOptions options, boolean isDeep)
            throws SQLException {
        this.session = session;
        this.isDeep = isDeep;
        Meaning meaning = session.paths().state().settings().meaning();
        // as in H2, only a statement alone gives generated keys
        StatementOptions each = parsed.size() == 1 ? options : options.withoutKeys();
        for (Statement statement : parsed) {
            statements.add(new DecidedStatement(session, statement, each, meaning));
        }
        this.isNumbered = statements.stream().anyMatch(DecidedStatement::isNumbered);
        if (isNumbered && statements.stream().anyMatch(one -> one.parameterCount() > 0 && !one.isNumbered())) {
            throw SqlErrors.mixedParameters();
        }
    }

    @Override
    public int parameterCount() {
        int count = 0;
        for (DecidedStatement statement : statements) {
            count = isNumbered ? Math.max(count, statement.parameterCount()) : count + statement.parameterCount();
        }
        return count;
    }

    @Override
    public boolean isQuery() {
        return !statements.isEmpty() && statements.get(0).isQuery();
    }

    // ---- executing

    @Override
    public Result execute(Parameters parameters) throws SQLException {
        return onStack(() -> executeAll(parameters));
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

    private Result executeAll(Parameters parameters) throws SQLException {
        if (statements.isEmpty()) {
            session.requireOpen();
            return new Result(null, 0, null, null, null);
        }
        session.underway().begin(timeoutMillis());
        try {
            return statements.size() == 1 ? statements.get(0).execute(parameters) : executeOneByOne(parameters);
        } finally {
            session.underway().end();
        }
    }

    private long timeoutMillis() {
        return timeoutSeconds > 0
                ? TimeUnit.SECONDS.toMillis(timeoutSeconds)
                : session.paths().state().settings().queryTimeoutMillis();
    }

    private Result executeOneByOne(Parameters parameters) throws SQLException {
        parameters.requireAll();
        Result first = null;
        int bound = 0;
        for (DecidedStatement statement : statements) {
            if (first != null) {
                session.underway().next();
            }
            int count = statement.parameterCount();
            Result result = statement.execute(parameters.part(isNumbered ? 0 : bound, count));
            bound += count;
            first = first == null ? result : first;
        }
        return Objects.requireNonNull(first);
    }

    @Override
    public List<Result> executeBatch(List<Parameters> batch) throws SQLException {
        return onStack(() -> executeUnderway(batch));
    }

    private List<Result> executeUnderway(List<Parameters> batch) throws SQLException {
        session.underway().begin(timeoutMillis());
        try {
            List<Result> together = statements.size() == 1 ? statements.get(0).executeBatch(batch) : null;
            return together == null ? executeEach(batch) : together;
        } finally {
            session.underway().end();
        }
    }

    private List<Result> executeEach(List<Parameters> batch) throws SQLException {
        List<Result> results = new ArrayList<>(batch.size());
        BatchFailures failures = new BatchFailures();
        for (Parameters parameters : batch) {
            try {
                Result result = executeAll(parameters);
                results.add(result);
                failures.succeeded(result.count());
            } catch (SQLException e) {
                failures.failed(e);
            }
        }
        failures.throwIfAny();
        return results;
    }

    // ---- what is known before it is executed

    @Override
    public @Nullable ResultSetMetaData describe() throws SQLException {
        return onStack(() -> Optional.ofNullable(description().columns())).orElse(null);
    }

    @Override
    public List<DescribedParameter> describeParameters() throws SQLException {
        return onStack(() -> description().parameters(isNumbered));
    }

    @Override
    public void check() throws SQLException {
        onStack(() -> {
            description().check();
            return true;
        });
    }

    private TextDescription description() {
        return new TextDescription(session, statements);
    }

    // ---- its settings

    @Override
    public void setMaxRows(long maxRows) throws SQLException {
        for (DecidedStatement statement : statements) {
            statement.setMaxRows(maxRows);
        }
    }

    @Override
    public void setQueryTimeout(int seconds) throws SQLException {
        timeoutSeconds = seconds;
        for (DecidedStatement statement : statements) {
            statement.setQueryTimeout(seconds);
        }
    }

    @Override
    public void cancel() {
        session.cancel();
    }

    @Override
    public void close() {
        statements.forEach(DecidedStatement::close);
    }
}
