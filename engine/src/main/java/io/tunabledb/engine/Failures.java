package io.tunabledb.engine;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.client.Translator;
import io.tunabledb.engine.h2.sql.Intervals;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import io.tunabledb.engine.net.UnreachableException;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * What may come from below that no caller of JDBC can do anything with, and what it becomes: the one table of it, looked at
 * in its order wherever a call leaves the engine. An error that is the statement's own passes.
 */
public final class Failures {
    private static final String AGAIN = "; run it again, with its whole transaction if it was in one";

    /**
     * A kind of failure.
     *
     * @param name for people
     * @param becomes what the caller gets
     * @param message says what happened and what to do
     */
    record Kind(String name, Predicate<Throwable> holds, SqlState becomes, String message) {}

    /** In order: the first that holds counts. */
    static final List<Kind> TABLE = List.of(
            new Kind(
                    "a stack that is too small",
                    SqlErrors::isOverflow,
                    SqlState.OVER_LIMIT,
                    "the statement, or a view it reads, is nested more deeply than the stack allows; use fewer operators in a"
                            + " row, brackets in brackets and views over views"),
            new Kind(
                    "a heap that is too small",
                    SqlErrors::isOutOfMemory,
                    SqlState.OVER_LIMIT,
                    "the heap is too small for the statement; ask for fewer rows at a time, or give the JVM more memory"),
            new Kind(
                    "a commit nobody knows the end of",
                    isA(OutcomeUnknownException.class),
                    SqlState.OUTCOME_UNKNOWN,
                    "it was proposed, and nobody could tell in time whether it takes effect; read before you repeat it"),
            new Kind(
                    "a leader that leads no longer",
                    isA(NotLeaderException.class),
                    SqlState.RETRY_TRANSACTION,
                    "the shard's leader changed under the statement" + AGAIN),
            new Kind(
                    "another transaction's change",
                    isA(ConflictException.class),
                    SqlState.RETRY_TRANSACTION,
                    "another transaction changed what this one has read" + AGAIN),
            new Kind(
                    "a node that can't be reached",
                    isA(UnreachableException.class),
                    SqlState.RETRY_TRANSACTION,
                    "a node could not be reached any more" + AGAIN),
            new Kind(
                    "a storage that was closed under the statement",
                    SqlErrors::isOfClosedStorage,
                    SqlState.RETRY_TRANSACTION,
                    "the replica stopped, or was rebuilt, under the statement" + AGAIN),
            new Kind(
                    "an engine that is stopping",
                    failure ->
                            failure instanceof RejectedExecutionException || failure instanceof CancellationException,
                    SqlState.RETRY_TRANSACTION,
                    "the node it ran on is stopping" + AGAIN),
            new Kind(
                    "a wait that was not bounded by its caller",
                    failure -> failure instanceof TimeoutException,
                    SqlState.LEVEL_NOT_MET,
                    "no answer came in time; try again"),
            new Kind(
                    "a disk",
                    failure -> failure instanceof IOException
                            || failure instanceof UncheckedIOException
                            || SqlErrors.isOfDisk(failure),
                    SqlState.REPLICA_FAILED,
                    "a file could not be read or written" + AGAIN),
            new Kind(
                    "an error without a name",
                    failure -> !(failure instanceof SQLException) || SqlErrors.isGeneral(failure),
                    SqlState.REPLICA_FAILED,
                    "the statement failed of something that is not its own"
                            + "; run it again, and report what caused this if it fails the same way"));

    /** The table, and storage's own values, for a session's client. */
    static final Translator TRANSLATOR = new Translator() {
        @Override
        public SQLException translate(Throwable failure) {
            return told(failure);
        }

        @Override
        public SQLException translateOfRows(SQLException failure) {
            return toldOfRows(failure);
        }

        @Override
        public Object value(Object value) throws SQLException {
            return Intervals.toJdk(value);
        }

        @Override
        public String className(String className, String typeName) {
            return Intervals.className(className, typeName);
        }
    };

    private Failures() {}

    private static Predicate<Throwable> isA(Class<? extends Throwable> type) {
        return type::isInstance;
    }

    /** The exception that the caller of JDBC gets. */
    public static SQLException told(Throwable failure) {
        Throwable bare = bare(failure);
        if (bare instanceof BatchUpdateException batch) {
            return toldOfBatch(batch);
        }
        for (Kind kind : TABLE) {
            if (kind.holds.test(bare)) {
                String detail = bare.getMessage();
                return Errors.of(kind.becomes, kind.message + (detail == null ? "" : " (" + detail + ")"), failure);
            }
        }
        return (SQLException) bare;
    }

    /**
     * The exception that the reader of rows gets. Rows that are closed were closed by their client, from another thread
     * perhaps: that passes.
     */
    public static SQLException toldOfRows(SQLException failure) {
        return SqlErrors.isOfClosedObject(failure) ? failure : told(failure);
    }

    /** With the counts of its elements, told of the one that failed first. */
    private static SQLException toldOfBatch(BatchUpdateException batch) {
        Throwable first = batch.getCause();
        SQLException told = first == null ? batch : told(first);
        if (told == first || told == batch) {
            return batch;
        }
        BatchUpdateException again = new BatchUpdateException(
                told.getMessage(), told.getSQLState(), told.getErrorCode(), batch.getLargeUpdateCounts(), told);
        again.setNextException(told);
        return again;
    }

    /** What stands in wrappers that say nothing themselves. */
    private static Throwable bare(Throwable failure) {
        Throwable bare = SqlErrors.bare(failure);
        Throwable cause = bare.getCause();
        boolean isWrapper = bare instanceof CompletionException
                || bare instanceof ExecutionException
                || (SqlErrors.isGeneral(bare) && cause != null);
        return isWrapper && cause != null ? bare(cause) : bare;
    }
}
