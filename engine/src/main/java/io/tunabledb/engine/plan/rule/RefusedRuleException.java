package io.tunabledb.engine.plan.rule;

import io.tunabledb.consistency.SqlState;

/** A change of the rules that can't be made; the message says what was asked, what was found and what to do. */
public final class RefusedRuleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final SqlState state;

    RefusedRuleException(SqlState state, String message) {
        // a value that says no, not a fault of this program: no stack trace to fill
        super(message, null, false, false);
        this.state = state;
    }

    /** The SQLSTATE of the refusal. */
    public SqlState state() {
        return state;
    }
}
