package io.tunabledb.engine.h2.codec;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;
import org.h2.jdbc.JdbcException;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/**
 * An SQL error as a value: whoever asked has it of the same class, with the same state, code and text.
 *
 * @param isStorages whether it is H2's, else one of ours
 * @param sql the statement that it is about, where it says so
 * @param cause the text of what caused it; null for nothing
 */
public record CarriedError(
        boolean isStorages,
        String message,
        @Nullable String sql,
        @Nullable String state,
        int code,
        @Nullable String cause) {

    /** Of an error. */
    public static CarriedError of(SQLException error) {
        Throwable cause = error.getCause();
        String why = cause == null ? null : cause.toString();
        return error instanceof JdbcException own
                ? new CarriedError(
                        true,
                        String.valueOf(own.getOriginalMessage()),
                        own.getSQL(),
                        error.getSQLState(),
                        error.getErrorCode(),
                        why)
                : new CarriedError(
                        false,
                        String.valueOf(error.getMessage()),
                        null,
                        error.getSQLState(),
                        error.getErrorCode(),
                        why);
    }

    /** The error. */
    public SQLException exception() {
        Throwable why = cause == null ? null : new SQLException(cause);
        if (isStorages) {
            return DbException.getJdbcSQLException(message, sql, state, code, why, null);
        }
        for (SqlState known : SqlState.values()) {
            if (known.code().equals(state)) {
                return Errors.of(known, message, why);
            }
        }
        return new SQLException(message, state, code, why);
    }
}
