package io.tunabledb.examples.quickstart;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.examples.quickstart.Operation.Office;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One thread that repeats one operation until told to stop. Its first unexpected failure ends it. */
final class Worker implements Callable<@Nullable Void> {
    /** People pause between clicks; without a pause the report would only show how full two cores can be. */
    private static final Duration PAUSE = Duration.ofMillis(2);

    private static final Set<String> REFUSALS =
            Set.of(SqlState.LEVEL_NOT_MET.code(), SqlState.NO_MAJORITY.code(), SqlState.OUTCOME_UNKNOWN.code());

    private final String url;
    private final Operation operation;
    private final Tally tally;
    private final Outage outage;
    private final BooleanSupplier stopped;
    private final SplittableRandom random;

    Worker(
            String url,
            Operation operation,
            Tally tally,
            Outage outage,
            BooleanSupplier stopped,
            SplittableRandom random) {
        this.url = url;
        this.operation = operation;
        this.tally = tally;
        this.outage = outage;
        this.stopped = stopped;
        this.random = random;
    }

    @Override
    public @Nullable Void call() throws SQLException {
        try (Client client = new Client(url, tally)) {
            while (!stopped.getAsBoolean()) {
                once(client);
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
        return null;
    }

    private void once(Client client) throws SQLException {
        long startNanos = System.nanoTime();
        try {
            operation.body().run(client, random);
            tally.done(System.nanoTime() - startNanos);
        } catch (SQLException e) {
            if (SqlState.RETRY_TRANSACTION.code().equals(e.getSQLState())) {
                tally.retried();
            } else if (operation.office() == Office.BRANCH && isExpected(e.getSQLState(), startNanos)) {
                tally.refused(e);
            } else {
                throw new SQLException(
                        operation.office() + ", " + operation.name() + " at " + operation.level() + ": "
                                + e.getMessage(),
                        e.getSQLState(),
                        e);
            }
        } catch (BrokenPromiseException e) {
            throw new SQLException(operation.office() + ", " + operation.name() + ": " + e.getMessage(), e);
        }
    }

    /** The branch's patience is short, so on a busy machine it may not learn an outcome: what it counted is checked. */
    private boolean isExpected(@Nullable String sqlState, long startNanos) {
        return SqlState.OUTCOME_UNKNOWN.code().equals(sqlState)
                || (sqlState != null && REFUSALS.contains(sqlState) && outage.excuses(startNanos, System.nanoTime()));
    }
}
