package io.tunabledb.examples.quickstart;

import io.tunabledb.consistency.Receipt;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What one operation's many executions came to. Safe for use by many threads. */
final class Tally {
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
    private final Map<String, Long> servedBy = new TreeMap<>();
    private final Map<String, Long> reasons = new TreeMap<>();
    private final Map<String, Refusal> refusals = new TreeMap<>();
    private long retried;
    private long reads;
    private long unknownAges;
    private Duration stalest = Duration.ZERO;

    /** How often a statement was refused with one SQLSTATE, and the words of the first time. */
    record Refusal(long count, String firstMessage) {}

    synchronized void done(long nanos) {
        latency.recordValue(Math.min(nanos, LONGEST_NANOS));
    }

    /** The transaction met another one (40001) and will be run again. */
    synchronized void retried() {
        retried++;
    }

    synchronized void refused(SQLException e) {
        refusals.merge(
                e.getSQLState(),
                new Refusal(1, String.valueOf(e.getMessage())),
                (old, one) -> new Refusal(old.count + 1, old.firstMessage));
    }

    synchronized void saw(Receipt receipt) {
        String reason = receipt.reason();
        if (reason != null) {
            // a prediction has other figures each time
            reasons.merge(reason.replaceFirst(", predicted .*", ""), 1L, Long::sum);
        }
        for (Receipt.Served served : receipt.served()) {
            servedBy.merge(served.replica(), 1L, Long::sum);
            reads++;
            Duration staleness = served.staleness();
            if (staleness == null) {
                unknownAges++;
            } else if (staleness.compareTo(stalest) > 0) {
                stalest = staleness;
            }
        }
    }

    synchronized long count() {
        return latency.getTotalCount();
    }

    synchronized long retries() {
        return retried;
    }

    synchronized double millisAt(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1e6;
    }

    synchronized Map<String, Long> servedBy() {
        return new TreeMap<>(servedBy);
    }

    synchronized Map<String, Long> reasons() {
        return new TreeMap<>(reasons);
    }

    synchronized Map<String, Refusal> refusals() {
        return new TreeMap<>(refusals);
    }

    /** How often it was refused with that SQLSTATE. */
    synchronized long refusals(String sqlState) {
        Refusal refusal = refusals.get(sqlState);
        return refusal == null ? 0 : refusal.count;
    }

    /** The oldest data any receipt admits to; zero when no receipt knew its age. */
    synchronized Duration stalest() {
        return stalest;
    }

    /** Whether no receipt knew the age of its data: nobody had asked the replicas for it. */
    synchronized boolean neverKnewAge() {
        return reads == unknownAges;
    }
}
