package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import io.tunabledb.engine.net.UnreachableException;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Nothing leaves a call of JDBC but errors that are the statement's own, or that say what to do. */
class FailuresTest {

    private static SQLException storage(int code) throws ReflectiveOperationException {
        Object own = Class.forName("org.h2.message.DbException")
                .getMethod("get", int.class, String.class)
                .invoke(null, code, "x");
        return (SQLException) own.getClass().getMethod("getSQLException").invoke(own);
    }

    private static Throwable wrapped(Throwable cause) throws ReflectiveOperationException {
        return (Throwable) Class.forName("org.h2.message.DbException")
                .getMethod("convert", Throwable.class)
                .invoke(null, cause);
    }

    private static UnreachableException unreachable() throws ReflectiveOperationException {
        Constructor<UnreachableException> made =
                UnreachableException.class.getDeclaredConstructor(int.class, int.class);
        made.setAccessible(true);
        return made.newInstance(1, 2);
    }

    /** For each row of the table what is of its kind. */
    private static Map<String, List<Throwable>> samples() throws ReflectiveOperationException {
        return Map.ofEntries(
                Map.entry(
                        "a stack that is too small",
                        List.of(new StackOverflowError(), new SQLException("x", "HY000", new StackOverflowError()))),
                Map.entry("a heap that is too small", List.of(new OutOfMemoryError("heap"), storage(90108))),
                Map.entry("a commit nobody knows the end of", List.of(new OutcomeUnknownException("x", null))),
                Map.entry("a leader that leads no longer", List.of(new NotLeaderException("x"))),
                Map.entry("another transaction's change", List.of(new ConflictException("x"))),
                Map.entry("a node that can't be reached", List.of(unreachable())),
                Map.entry(
                        "a storage that was closed under the statement",
                        List.of(
                                storage(90007),
                                storage(90098),
                                storage(90121),
                                storage(90067),
                                storage(90135),
                                storage(90146))),
                Map.entry(
                        "an engine that is stopping",
                        List.of(new RejectedExecutionException(), new CancellationException())),
                Map.entry("a wait that was not bounded by its caller", List.of(new TimeoutException())),
                Map.entry(
                        "a disk",
                        List.of(
                                new IOException("x"),
                                new UncheckedIOException(new IOException("x")),
                                storage(90028),
                                storage(90031),
                                storage(90030))),
                Map.entry(
                        "an error without a name",
                        List.of(
                                new IllegalStateException("x"),
                                new NullPointerException(),
                                new AssertionError("x"),
                                new NoSuchMethodError("x"),
                                storage(50000))));
    }

    @Test
    void eachKindBecomesWhatTheTableSays() throws Exception {
        Map<String, List<Throwable>> samples = samples();
        assertThat(samples.keySet())
                .isEqualTo(Failures.TABLE.stream().map(Failures.Kind::name).collect(Collectors.toSet()));
        for (Failures.Kind kind : Failures.TABLE) {
            for (Throwable sample : samples.get(kind.name())) {
                List<Throwable> all = new ArrayList<>(List.of(sample, new CompletionException(sample)));
                all.add(new ExecutionException(new CompletionException(sample)));
                if (!(sample instanceof OutOfMemoryError || sample instanceof IOException)) {
                    all.add(wrapped(sample));
                }
                for (Throwable failure : all) {
                    SQLException told = Failures.told(failure);
                    assertThat(told.getSQLState())
                            .as("%s: %s", kind.name(), failure)
                            .isEqualTo(kind.becomes().code());
                    assertThat(told.getMessage()).startsWith(kind.message());
                    assertThat(told.getCause()).isSameAs(failure);
                }
            }
        }
    }

    @Test
    void whatIsTheStatementsOwnPasses() throws Exception {
        for (SQLException own : List.of(
                storage(42102),
                storage(42122),
                storage(23505),
                storage(22018),
                storage(57014),
                storage(50200),
                storage(90012),
                storage(90079),
                // a catalog that somebody wrote
                storage(90013),
                new SQLTransactionRollbackException("x", "40001"),
                Errors.of(SqlState.LEVEL_NOT_MET, "x"),
                new SQLException("mine", "90007", 90007),
                new BatchUpdateException("x", "23505", 23505, new int[0], storage(23505)))) {
            assertThat((Throwable) Failures.told(own)).isSameAs(own);
            assertThat((Throwable) Failures.told(new CompletionException(own))).isSameAs(own);
        }
    }

    @Test
    void aBatchIsToldOfWhatFailedFirst() throws Exception {
        SQLException below = storage(90135);
        BatchUpdateException batch = new BatchUpdateException("x", "90135", 90135, new long[] {1, -3}, below);
        BatchUpdateException told = (BatchUpdateException) Failures.told(batch);
        assertThat(told.getSQLState()).isEqualTo("40001");
        assertThat(told.getErrorCode()).isEqualTo(40001);
        assertThat(told.getLargeUpdateCounts()).containsExactly(1, -3);
        assertThat((Throwable) told.getNextException()).isSameAs(told.getCause());
    }

    @Test
    void aStorageThatIsClosedUnderAStatementIsOneOfThem() throws Exception {
        String url = "jdbc:h2:mem:failures";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                Connection other = DriverManager.getConnection(url)) {
            other.createStatement().execute("SHUTDOWN IMMEDIATELY");
            try {
                statement.execute("SELECT 1");
                throw new AssertionError("it is closed");
            } catch (SQLException e) {
                assertThat(Failures.told(e).getSQLState()).isEqualTo("40001");
            }
        } catch (SQLException e) {
            assertThat(e.getSQLState()).startsWith("90");
        }
    }
}
