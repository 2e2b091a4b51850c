package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Rung;
import java.util.List;

/**
 * A read that is to be checked after the fact.
 *
 * @param shard whose log the indexes are of
 * @param served the index of the newest entry that changed rows in the very storage snapshot the rows came from
 * @param required the index the session needed; 0 when none
 * @param atNanos when the read was served, on the clock of {@link System#nanoTime}; for LINEARIZABLE, when the statement
 *     began
 */
public record AuditSample(
        Rung granted,
        String decidedBy,
        List<String> tables,
        int shard,
        String replica,
        long served,
        long required,
        long atNanos) {}
