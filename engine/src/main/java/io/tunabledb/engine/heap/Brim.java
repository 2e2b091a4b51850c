package io.tunabledb.engine.heap;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;

/** Up to where statements may fill the heap. What is above is the engine's: to apply, to answer, to go on. */
final class Brim {
    /** Beside an old generation of its own there is a young one, which has room for the next allocations. */
    private static final double BESIDE_YOUNG = 0.92;
    /** Where all generations share their room, the collector needs some of it to move what lives. */
    private static final double SHARED = 0.86;

    static final double PART = hasOwnYoung() ? BESIDE_YOUNG : SHARED;

    private Brim() {}

    private static boolean hasOwnYoung() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .anyMatch(pool -> pool.getType() == MemoryType.HEAP
                        && pool.getName().contains("Eden")
                        && pool.getUsage().getMax() > 0);
    }
}
