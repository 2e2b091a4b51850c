package io.tunabledb.consistency;

import java.time.Instant;
import java.util.List;

/**
 * A promise that was not kept: a statement was served, and what it was served from was older than its level allows.
 *
 * @param at when it was found
 * @param foundBy how it was found
 * @param granted the rung that was promised
 * @param decidedBy who had decided for that rung
 * @param tables the tables the statement names
 * @param replica the node that served, for example {@code n1}
 * @param found what was promised and what was found, with the numbers
 */
public record Violation(
        Instant at,
        FoundBy foundBy,
        Rung granted,
        String decidedBy,
        List<String> tables,
        String replica,
        String found) {

    public Violation {
        tables = List.copyOf(tables);
    }

    /** How a violation comes to light. */
    public enum FoundBy {
        /** By what the replica itself knew while it served. */
        SERVING,
        /** By the audit, which trusts no replica's word. */
        AUDIT
    }
}
