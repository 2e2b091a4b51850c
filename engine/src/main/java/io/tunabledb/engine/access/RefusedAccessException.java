package io.tunabledb.engine.access;

import io.tunabledb.consistency.SqlState;

/** A change of users or rights that can't be made. */
public final class RefusedAccessException extends Exception {
    private static final long serialVersionUID = 1L;

    private final SqlState state;

    RefusedAccessException(SqlState state, String message) {
        super(message);
        this.state = state;
    }

    /** The SQLSTATE to give it. */
    public SqlState state() {
        return state;
    }
}
