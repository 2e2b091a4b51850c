package io.tunabledb.engine.monitor;

import java.util.concurrent.atomic.LongAdder;

/** The counters of one {@link SlaKey}. The common case, met and nothing else, costs one increment. */
final class SlaCell {
    private final SlaKey key;
    private final LongAdder met = new LongAdder();
    private final LongAdder violated = new LongAdder();
    private final LongAdder fellBack = new LongAdder();
    private final LongAdder raised = new LongAdder();
    private final LongAdder downgraded = new LongAdder();
    private final LongAdder timedOut = new LongAdder();
    private final Timing wait = new Timing();
    private final Timing latency = new Timing();
    private final Timing staleness = new Timing();

    SlaCell(SlaKey key) {
        this.key = key;
    }

    void met() {
        met.increment();
    }

    void violated() {
        violated.increment();
    }

    /** One that was counted as met was found not to be. */
    void foundViolated() {
        met.decrement();
        violated.increment();
    }

    void fellBack() {
        fellBack.increment();
    }

    void raised() {
        raised.increment();
    }

    void downgraded() {
        downgraded.increment();
    }

    void timedOut() {
        timedOut.increment();
    }

    Timing waits() {
        return wait;
    }

    Timing latency() {
        return latency;
    }

    Timing staleness() {
        return staleness;
    }

    SlaFigures figures() {
        return new SlaFigures(
                key,
                met.sum(),
                violated.sum(),
                fellBack.sum(),
                raised.sum(),
                downgraded.sum(),
                timedOut.sum(),
                wait.spread(),
                latency.spread(),
                staleness.spread());
    }
}
