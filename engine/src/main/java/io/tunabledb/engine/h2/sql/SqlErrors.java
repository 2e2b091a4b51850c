package io.tunabledb.engine.h2.sql;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.heap.HeapEndedError;
import java.sql.SQLException;
import java.util.Objects;
import org.h2.api.ErrorCode;
import org.h2.jdbc.JdbcException;
import org.h2.message.DbException;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/** H2's errors where they did not come from a statement of ours: carried through the log, or found before H2 is asked. */
public final class SqlErrors {
    /** Causes may go round in a circle. */
    private static final int DEEPEST_CAUSE = 20;

    private SqlErrors() {}

    /** The exception H2 throws for this state and code, of the JDBC class it uses. */
    public static SQLException of(String message, String sqlState, int errorCode) {
        return DbException.getJdbcSQLException(message, null, sqlState, errorCode, null, null);
    }

    /**
     * Whether the same statement may succeed when it is tried again: another transaction was in its way, or the session
     * or the database went away under it.
     */
    public static boolean isTransient(SQLException e) {
        String state = e.getSQLState();
        if (state != null && (state.startsWith("40") || state.startsWith("08"))) {
            return true;
        }
        return switch (e.getErrorCode()) {
            case ErrorCode.LOCK_TIMEOUT_1,
                    ErrorCode.CONCURRENT_UPDATE_1,
                    ErrorCode.ROW_NOT_FOUND_WHEN_DELETING_1,
                    ErrorCode.ROW_NOT_FOUND_IN_PRIMARY_INDEX,
                    ErrorCode.STATEMENT_WAS_CANCELED,
                    ErrorCode.OBJECT_CLOSED,
                    ErrorCode.DATABASE_IS_CLOSED,
                    ErrorCode.DATABASE_IS_IN_EXCLUSIVE_MODE,
                    ErrorCode.OUT_OF_MEMORY,
                    ErrorCode.CONNECTION_BROKEN_1 -> true;
            default -> false;
        };
    }

    /** Whether a stack was too small, in the failure itself or in what caused it: H2 wraps some and lets others pass. */
    public static boolean isOverflow(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StackOverflowError) {
                return true;
            }
        }
        return false;
    }

    /** H2's own exception as JDBC has it; any other as it is. */
    public static Throwable bare(Throwable failure) {
        return failure instanceof DbException own ? own.getSQLException() : failure;
    }

    /** Whether an error is storage's, and says that a database, or a connection to it, is no longer there. */
    public static boolean isOfClosedStorage(Throwable failure) {
        if (failure instanceof MVStoreException store) {
            return store.getErrorCode() == DataUtils.ERROR_CLOSED;
        }
        return switch (codeOf(failure)) {
            case ErrorCode.OBJECT_CLOSED,
                    ErrorCode.DATABASE_IS_CLOSED,
                    ErrorCode.DATABASE_CALLED_AT_SHUTDOWN,
                    ErrorCode.CONNECTION_BROKEN_1,
                    ErrorCode.DATABASE_IS_IN_EXCLUSIVE_MODE,
                    ErrorCode.DATABASE_NOT_FOUND_WITH_IF_EXISTS_1 -> true;
            default -> false;
        };
    }

    /** The same of the failure itself or of what caused it. */
    public static boolean comesOfClosedStorage(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            if (isOfClosedStorage(bare(cause))) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Whether an error says that the statement, or the rows, it was asked of are closed. */
    public static boolean isOfClosedObject(SQLException failure) {
        return failure.getErrorCode() == ErrorCode.OBJECT_CLOSED;
    }

    /** Whether an error says that something is not defined, or not like that. */
    public static boolean isOfSchema(SQLException e) {
        return switch (codeOf(e)) {
            case ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1,
                    ErrorCode.TABLE_OR_VIEW_NOT_FOUND_WITH_CANDIDATES_2,
                    ErrorCode.TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1,
                    ErrorCode.COLUMN_NOT_FOUND_1,
                    ErrorCode.COLUMN_COUNT_DOES_NOT_MATCH,
                    ErrorCode.SCHEMA_NOT_FOUND_1,
                    ErrorCode.SEQUENCE_NOT_FOUND_1,
                    ErrorCode.CONSTANT_NOT_FOUND_1,
                    ErrorCode.DOMAIN_NOT_FOUND_1,
                    ErrorCode.VIEW_IS_INVALID_2 -> true;
            default -> false;
        };
    }

    /** Whether there was no memory. */
    public static boolean isOutOfMemory(Throwable failure) {
        return failure instanceof OutOfMemoryError || codeOf(failure) == ErrorCode.OUT_OF_MEMORY;
    }

    /** Whether an error is storage's, and says that a statement was ended from outside, or took too long. */
    public static boolean isCancelled(@Nullable Throwable failure) {
        return failure != null && codeOf(failure) == ErrorCode.STATEMENT_WAS_CANCELED;
    }

    /** Whether an error is storage's, and says that a file failed. */
    public static boolean isOfDisk(Throwable failure) {
        return switch (codeOf(failure)) {
            case ErrorCode.IO_EXCEPTION_1, ErrorCode.IO_EXCEPTION_2, ErrorCode.FILE_CORRUPTED_1 -> true;
            default -> false;
        };
    }

    /** Whether an error is storage's "General error". */
    public static boolean isGeneral(Throwable failure) {
        // also that of its own which is no exception of its driver
        return failure instanceof SQLException e && e.getErrorCode() == ErrorCode.GENERAL_ERROR_1;
    }

    /** The code of an error of storage; 0 for any other. */
    private static int codeOf(Throwable failure) {
        return failure instanceof JdbcException && failure instanceof SQLException e ? e.getErrorCode() : 0;
    }

    /** H2's answer to a text in which some parameters have numbers and some have none. */
    public static SQLException mixedParameters() {
        return DbException.get(ErrorCode.CANNOT_MIX_INDEXED_AND_UNINDEXED_PARAMS)
                .getSQLException();
    }

    /** What a statement gets in which memory has ended, TC006. */
    public static SQLException outOfMemory(Throwable cause) {
        String what = cause instanceof HeapEndedError
                ? Objects.requireNonNull(cause.getMessage())
                : "the statement was ended because it needed more memory than this JVM has left of its "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MB (" + cause.getMessage() + ")";
        return Errors.of(
                SqlState.OVER_LIMIT,
                what + "; let it read, sort or build less at a time, or give the JVM a larger heap (-Xmx)",
                cause);
    }

    /** The same, if memory has ended in a statement, and what says so is wrapped in H2's own; else the error itself. */
    public static SQLException unwrapped(SQLException e) {
        return e.getCause() instanceof SQLException own
                        && SqlState.OVER_LIMIT.code().equals(e.getSQLState())
                        && own.getCause() instanceof OutOfMemoryError
                ? own
                : e;
    }

    /** H2's answer to a URL of a database that is not there, and must be. */
    public static SQLException notThere(String url) {
        return DbException.get(ErrorCode.DATABASE_NOT_FOUND_WITH_IF_EXISTS_1, url)
                .getSQLException();
    }

    /** H2's answer to an argument out of range. */
    public static SQLException invalidValue(String parameter, Object value) {
        return DbException.getInvalidValueException(parameter, value).getSQLException();
    }
}
