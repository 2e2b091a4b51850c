package io.tunabledb.engine;

import io.tunabledb.consistency.SqlState;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLRecoverableException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** Makes every SQLException of our own, each of the JDBC class that frameworks classify by. */
public final class Errors {

    private Errors() {}

    /** The exception for {@code state}; the message says what was asked, what was found and what to do. */
    public static SQLException of(SqlState state, String message) {
        return of(state, message, null);
    }

    /** A warning: RAISED_BY_FLOOR, DOWNGRADED or RULE_WITHOUT_EFFECT. */
    public static SQLWarning warning(SqlState state, String message) {
        return new SQLWarning(message, state.code());
    }

    /** As {@link #of(SqlState, String)}, with what caused it. */
    public static SQLException of(SqlState state, String message, @Nullable Throwable cause) {
        String code = state.code();
        return switch (state) {
            case RETRY_TRANSACTION -> new SQLTransactionRollbackException(message, code, cause);
            case CANNOT_CONNECT -> new SQLTransientConnectionException(message, code, cause);
            case CONNECTION_CLOSED -> new SQLNonTransientConnectionException(message, code, cause);
            case CONNECTION_FAILED, OUTCOME_UNKNOWN, REPLICA_FAILED ->
                new SQLRecoverableException(message, code, cause);
            case LEVEL_NOT_MET, CANCELLED -> new SQLTimeoutException(message, code, cause);
            case NO_MAJORITY, OVER_LIMIT -> new SQLTransientException(message, code, cause);
            case SYNTAX, TABLE_NOT_FOUND, DUPLICATE_OBJECT, UNKNOWN_OBJECT ->
                new SQLSyntaxErrorException(message, code, cause);
            case NOT_SUPPORTED -> new SQLFeatureNotSupportedException(message, code, cause);
            case BAD_TOKEN, NOT_ALLOWED, REFUSED_BY_RULE, INVALID_ARGUMENT ->
                new SQLNonTransientException(message, code, cause);
            case RAISED_BY_FLOOR, DOWNGRADED, RULE_WITHOUT_EFFECT -> new SQLWarning(message, code, cause);
        };
    }
}
