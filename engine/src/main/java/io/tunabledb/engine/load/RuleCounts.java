package io.tunabledb.engine.load;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.negotiate.Notice;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** How often each rule raised or downgraded an execution, since this process opened the database. */
public final class RuleCounts {
    /** Beyond so many the names that are no rule's any more are forgotten. */
    static final int MOST = 1_000;

    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Supplier<Set<String>> rules;
    /** When so many are known it is time to forget. */
    private volatile int forgetAt = MOST;

    /** The counts of one rule. */
    public record Count(long raised, long downgraded) {}

    private static final class Counter {
        private final LongAdder raised = new LongAdder();
        private final LongAdder downgraded = new LongAdder();
    }

    /**
     * @param rules the names of the rules that there are
     */
    public RuleCounts(Supplier<Set<String>> rules) {
        this.rules = rules;
    }

    /** Counts an execution under these notices. */
    public void count(List<Notice> notices) {
        for (Notice notice : notices) {
            Counter counter = counters.get(notice.rule());
            if (counter == null) {
                counter = counters.computeIfAbsent(notice.rule(), any -> new Counter());
                forget();
            }
            (notice.state() == SqlState.DOWNGRADED ? counter.downgraded : counter.raised).increment();
        }
    }

    /** Rules come and go under new names. */
    private void forget() {
        if (counters.size() > forgetAt) {
            counters.keySet().retainAll(rules.get());
            forgetAt = Math.max(MOST, 2 * counters.size());
        }
    }

    /** How many names it knows. */
    int size() {
        return counters.size();
    }

    /** The count of that rule; zeros when it did nothing yet. */
    public Count of(String rule) {
        Counter counter = counters.get(rule);
        return counter == null ? new Count(0, 0) : new Count(counter.raised.sum(), counter.downgraded.sum());
    }
}
