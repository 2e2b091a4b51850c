package io.tunabledb.engine;

import io.tunabledb.consistency.SqlState;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses writes long before the heap ends: tables live in memory, and a JVM that runs out of it would lose its replicas
 * all at once. What counts is what was still in use after the last collection of the old generation, so garbage does not.
 */
final class MemoryWatermark {
    private final double part;
    private final @Nullable MemoryPoolMXBean old;

    MemoryWatermark(double part) {
        this.part = part;
        this.old = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
                .filter(pool -> pool.getName().contains("Old") || pool.getName().contains("Tenured"))
                .findFirst()
                .orElse(null);
        MemoryPoolMXBean pool = old;
        if (pool != null && pool.getUsage().getMax() > 0) {
            pool.setCollectionUsageThreshold((long) (pool.getUsage().getMax() * part));
        }
    }

    /** TC006 when the heap is nearly full. */
    void require() throws SQLException {
        MemoryPoolMXBean pool = old;
        if (pool == null || !pool.isCollectionUsageThresholdExceeded()) {
            return;
        }
        MemoryUsage usage = pool.getCollectionUsage();
        throw Errors.of(
                SqlState.OVER_LIMIT,
                "the write is refused: " + (usage.getUsed() >> 20) + " MB of " + (usage.getMax() >> 20)
                        + " MB heap are in use after collection, over memoryWatermark=" + part
                        + "; give the JVM a larger heap (-Xmx), or delete rows");
    }
}
