package io.tunabledb.engine.api;

import io.tunabledb.consistency.SqlState;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLInvalidAuthorizationSpecException;
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
        int vendor = vendorCode(state);
        return switch (state) {
            case RETRY_TRANSACTION -> new SQLTransactionRollbackException(message, code, vendor, cause);
            case CANNOT_CONNECT -> new SQLTransientConnectionException(message, code, vendor, cause);
            case CONNECTION_CLOSED -> new SQLNonTransientConnectionException(message, code, vendor, cause);
            case CONNECTION_FAILED, OUTCOME_UNKNOWN, REPLICA_FAILED ->
                new SQLRecoverableException(message, code, vendor, cause);
            case LEVEL_NOT_MET, CANCELLED -> new SQLTimeoutException(message, code, vendor, cause);
            case NO_MAJORITY, OVER_LIMIT, DISK_FULL -> new SQLTransientException(message, code, vendor, cause);
            case WRONG_LOGIN -> new SQLInvalidAuthorizationSpecException(message, code, vendor, cause);
            case SYNTAX, TABLE_NOT_FOUND, DUPLICATE_OBJECT, UNKNOWN_OBJECT, NOT_ENOUGH_RIGHTS, ADMIN_RIGHTS_REQUIRED ->
                new SQLSyntaxErrorException(message, code, vendor, cause);
            case NOT_SUPPORTED -> new SQLFeatureNotSupportedException(message, code, vendor, cause);
            case BAD_TOKEN, NOT_ALLOWED, REFUSED_BY_RULE, INVALID_ARGUMENT ->
                new SQLNonTransientException(message, code, vendor, cause);
            case RAISED_BY_FLOOR, DOWNGRADED, RULE_WITHOUT_EFFECT -> new SQLWarning(message, code, vendor, cause);
        };
    }

    /** H2's code where it has the state: there are programs that tell errors apart by it. */
    private static int vendorCode(SqlState state) {
        return switch (state) {
            case RETRY_TRANSACTION -> 40001;
            case SYNTAX -> 42001;
            case TABLE_NOT_FOUND -> 42102;
            case CANCELLED -> 57014;
            case NOT_SUPPORTED -> 50100;
            case CONNECTION_CLOSED -> 90098;
            case WRONG_LOGIN -> 28000;
            case NOT_ENOUGH_RIGHTS -> 90096;
            case ADMIN_RIGHTS_REQUIRED -> 90040;
            case CANNOT_CONNECT,
                    CONNECTION_FAILED,
                    OUTCOME_UNKNOWN,
                    LEVEL_NOT_MET,
                    NO_MAJORITY,
                    REFUSED_BY_RULE,
                    BAD_TOKEN,
                    NOT_ALLOWED,
                    OVER_LIMIT,
                    DISK_FULL,
                    DUPLICATE_OBJECT,
                    UNKNOWN_OBJECT,
                    INVALID_ARGUMENT,
                    RAISED_BY_FLOOR,
                    DOWNGRADED,
                    RULE_WITHOUT_EFFECT,
                    REPLICA_FAILED -> 0;
        };
    }
}
