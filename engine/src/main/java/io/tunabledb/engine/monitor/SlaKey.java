package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;

/**
 * What is counted apart.
 *
 * @param table {@code SCHEMA.TABLE}, {@value #NO_TABLE} for a statement over none; {@value #OTHERS} when there were too
 *     many to tell apart
 * @param granted the level that was served; for one that could not be, the last that was tried
 * @param decidedBy who decided, as receipts say it
 */
public record SlaKey(String table, Operation operation, Level granted, String decidedBy) {
    static final String NO_TABLE = "(none)";
    static final String OTHERS = "(others)";
}
