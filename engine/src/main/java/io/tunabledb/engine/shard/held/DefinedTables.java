package io.tunabledb.engine.shard.held;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The tables that schema changes have locked at a leader, or are about to lock, from before they are proposed until they are
 * applied. A query of one of them waits here, outside of the read gate: inside it would wait for the table's lock, whose
 * owner is applied only when the gate is empty.
 */
public final class DefinedTables {
    /** By schema change; null when it concerns all tables. */
    private final Map<ActiveSchemaChange, @Nullable Set<String>> tables = new HashMap<>();

    /** Most queries look no further. */
    private volatile boolean isAny;

    /** From now on no query of these tables begins. */
    public synchronized void add(ActiveSchemaChange definition, @Nullable Collection<TableName> concerned) {
        Set<String> names = null;
        if (concerned != null) {
            names = new HashSet<>();
            for (TableName table : concerned) {
                names.add(table.toString());
            }
        }
        tables.put(definition, names);
        isAny = true;
    }

    public synchronized void remove(ActiveSchemaChange definition) {
        tables.remove(definition);
        isAny = !tables.isEmpty();
        notifyAll();
    }

    /** Whether a query of these tables has to wait. */
    public boolean concerns(List<String> queried) {
        return isAny && isConcerned(queried);
    }

    private synchronized boolean isConcerned(List<String> queried) {
        return tables.values().stream()
                .anyMatch(names ->
                        names == null ? !queried.isEmpty() : queried.stream().anyMatch(names::contains));
    }

    /** Waits until a query of these tables may begin; false when the deadline came first. */
    public synchronized boolean await(List<String> queried, Deadline deadline) throws InterruptedException {
        while (isConcerned(queried)) {
            long left = deadline.remainingNanos();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
        }
        return true;
    }
}
