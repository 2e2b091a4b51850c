package io.tunabledb.engine.h2.internals;

import java.sql.SQLException;
import org.h2.api.ErrorCode;

/** Tells a failure that may be one replica's alone from an SQL error, which every replica has alike. */
public final class LocalFailures {

    private LocalFailures() {}

    /** Whether an error of H2's says that memory, stack, a file or the database itself failed. */
    public static boolean isOne(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Error) {
                return true;
            }
        }
        return switch (e.getErrorCode()) {
            case ErrorCode.OUT_OF_MEMORY,
                    ErrorCode.DATABASE_IS_CLOSED,
                    ErrorCode.OBJECT_CLOSED,
                    ErrorCode.CONNECTION_BROKEN_1,
                    ErrorCode.IO_EXCEPTION_1,
                    ErrorCode.IO_EXCEPTION_2,
                    ErrorCode.FILE_CORRUPTED_1,
                    ErrorCode.STATEMENT_WAS_CANCELED -> true;
            default -> false;
        };
    }
}
