package io.tunabledb.engine.load;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.negotiate.Notice;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How often each rule raised or downgraded an execution, since this process opened the database. */
public final class RuleCounts {
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** The counts of one rule. */
    public record Count(long raised, long downgraded) {}

    private static final class Counter {
        private final LongAdder raised = new LongAdder();
        private final LongAdder downgraded = new LongAdder();
    }

    /** Counts an execution under these notices. */
    public void count(List<Notice> notices) {
        for (Notice notice : notices) {
            Counter counter = counters.computeIfAbsent(notice.rule(), any -> new Counter());
            (notice.state() == SqlState.DOWNGRADED ? counter.downgraded : counter.raised).increment();
        }
    }

    /** The count of that rule; zeros when it did nothing yet. */
    public Count of(String rule) {
        Counter counter = counters.get(rule);
        return counter == null ? new Count(0, 0) : new Count(counter.raised.sum(), counter.downgraded.sum());
    }
}
