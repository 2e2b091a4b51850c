package io.tunabledb.engine.monitor;

import java.time.Duration;
import org.HdrHistogram.AtomicHistogram;
import org.jspecify.annotations.Nullable;

/** A histogram of durations up to 10 minutes, in nanoseconds to 1 %. For any number of threads. */
final class Timing {
    private static final long LONGEST_NANOS = Duration.ofMinutes(10).toNanos();

    private final AtomicHistogram nanos = new AtomicHistogram(LONGEST_NANOS, 2);

    /** Notes one that stands for {@code weight}. */
    void record(long durationNanos, int weight) {
        nanos.recordValueWithCount(Math.max(0, Math.min(durationNanos, LONGEST_NANOS)), weight);
    }

    @Nullable
    Spread spread() {
        return nanos.getTotalCount() == 0
                ? null
                : new Spread(
                        nanos.getTotalCount(),
                        Duration.ofNanos((long) nanos.getMean()),
                        percentile(50),
                        percentile(99),
                        Duration.ofNanos(nanos.getMaxValue()));
    }

    private Duration percentile(double percent) {
        return Duration.ofNanos(nanos.getValueAtPercentile(percent));
    }
}
