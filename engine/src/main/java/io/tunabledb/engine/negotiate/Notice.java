package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.SqlState;

/**
 * What a rule did to what was asked, to be told as an SQLWarning and counted.
 *
 * @param state {@link SqlState#RAISED_BY_FLOOR} or {@link SqlState#DOWNGRADED}
 * @param rule the rule's name
 * @param message what was asked, what is granted, and why
 */
public record Notice(SqlState state, String rule, String message) {}
