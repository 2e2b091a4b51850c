package io.tunabledb.engine.heap;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** This JVM's own heap: the old generation, or with a collector that has no generations all of it. */
final class JvmGauge implements Gauge {
    private final MemoryPoolMXBean pool;

    private JvmGauge(MemoryPoolMXBean pool) {
        this.pool = pool;
    }

    /** Null on a JVM that does not say how full its heap is. */
    static @Nullable JvmGauge find() {
        List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
                .filter(pool -> pool.getUsage().getMax() > 0)
                .toList();
        return pools.stream()
                .filter(pool -> pool.getName().contains("Old") || pool.getName().contains("Tenured"))
                .findFirst()
                .or(() -> pools.stream()
                        .max(Comparator.comparingLong(pool -> pool.getUsage().getMax())))
                .map(JvmGauge::new)
                .orElse(null);
    }

    @Override
    public long capacity() {
        return pool.getUsage().getMax();
    }

    @Override
    public long used() {
        return pool.getUsage().getUsed();
    }

    @Override
    public long kept() {
        MemoryUsage usage = pool.getCollectionUsage();
        return usage == null ? 0 : usage.getUsed();
    }

    @Override
    public boolean collect() {
        long before = collections();
        // nothing else tells garbage from what is in use
        System.gc();
        return collections() != before;
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }
}
