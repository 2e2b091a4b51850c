package io.tunabledb.engine.heap;

/** A heap of 1000 bytes in which a test says what lives. */
final class FakeGauge implements Gauge {
    volatile long live;
    volatile long garbage;
    volatile long kept;
    volatile int collections;
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
        collections++;
        garbage = 0;
        kept = live;
        return true;
    }
}
