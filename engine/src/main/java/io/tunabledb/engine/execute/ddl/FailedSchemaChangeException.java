package io.tunabledb.engine.execute.ddl;

import java.sql.SQLException;

/** A schema change was carried out, and its outcome is an SQL error: the same on every replica of the shard. */
final class FailedSchemaChangeException extends SQLException {
    private static final long serialVersionUID = 1L;

    private final SQLException error;

    FailedSchemaChangeException(SQLException error) {
        super(error.getMessage(), error.getSQLState(), error.getErrorCode(), error);
        this.error = error;
    }

    /** The error as storage gives it, of the class its SQLSTATE asks for. */
    SQLException error() {
        return error;
    }
}
