package io.tunabledb.engine.heap;

import java.util.concurrent.atomic.AtomicInteger;

/** A heap of 1000 bytes in which a test says what lives. */
final class FakeGauge implements Gauge {
    volatile long live;
    volatile long garbage;
    volatile long kept;
    final AtomicInteger collections = new AtomicInteger();
    volatile boolean obeys = true;

    @Override
    public long capacity() {
        return 1000;
    }

    @Override
    public long used() {
        return live + garbage;
    }

    @Override
    public long kept() {
        return kept;
    }

    @Override
    public boolean collect() {
        if (!obeys) {
            return false;
        }
        collections.incrementAndGet();
        garbage = 0;
        kept = live;
        return true;
    }
}
