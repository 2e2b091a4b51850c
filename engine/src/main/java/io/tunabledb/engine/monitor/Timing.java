package io.tunabledb.engine.monitor;

import java.time.Duration;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A histogram of durations up to 10 minutes, in nanoseconds to 1 %. For any number of threads. */
final class Timing {
    private static final long LONGEST_NANOS = Duration.ofMinutes(10).toNanos();

    private static final int DIGITS = 2;

    private final AtomicHistogram nanos = new AtomicHistogram(LONGEST_NANOS, DIGITS);

    /** Notes one that stands for {@code weight}. */
    void record(long durationNanos, int weight) {
        nanos.recordValueWithCount(Math.max(0, Math.min(durationNanos, LONGEST_NANOS)), weight);
    }

    @Nullable
    Spread spread() {
        // a copy: HdrHistogram's own look throws when another thread records meanwhile
        Histogram now = new Histogram(LONGEST_NANOS, DIGITS);
        now.add(nanos);
        return now.getTotalCount() == 0
                ? null
                : new Spread(
                        now.getTotalCount(),
                        Duration.ofNanos((long) now.getMean()),
                        percentile(now, 50),
                        percentile(now, 99),
                        Duration.ofNanos(now.getMaxValue()));
    }

    private static Duration percentile(Histogram now, double percent) {
        return Duration.ofNanos(now.getValueAtPercentile(percent));
    }
}
