package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

/**
 * Checks served reads against the time line of what was applied where: nothing here is a replica's word about itself. A
 * read within d must hold every entry that some replica had applied, and which therefore was committed, more than d
 * before it was served; a session's read must hold every entry up to the index its session needed.
 */
final class Audit {

    /** What an audit comes to. */
    enum Verdict {
        KEPT,
        BROKEN,
        /** The entry that would tell is too long ago, or in another process. */
        UNKNOWN
    }

    /** A verdict with what it rests on. */
    record Finding(Verdict verdict, String detail) {}

    /** How many of a level's reads were checked, and to what end. */
    static final class Tally {
        final LongAdder kept = new LongAdder();
        final LongAdder broken = new LongAdder();
        final LongAdder unknown = new LongAdder();
        final LongAdder dropped = new LongAdder();
    }

    private static final Finding KEPT = new Finding(Verdict.KEPT, "");
    private static final Finding UNKNOWN = new Finding(Verdict.UNKNOWN, "");

    private final IntFunction<AppliedTimes> shards;
    private final Map<Level, Tally> tallies = new ConcurrentHashMap<>();

    /**
     * @param shards when the entries of each shard were applied
     */
    Audit(IntFunction<AppliedTimes> shards) {
        this.shards = shards;
    }

    Map<Level, Tally> tallies() {
        return tallies;
    }

    Tally tally(Level level) {
        return tallies.computeIfAbsent(level, any -> new Tally());
    }

    Finding check(AuditSample sample) {
        Finding finding = judge(sample);
        Tally tally = tally(sample.granted().level());
        switch (finding.verdict) {
            case KEPT -> tally.kept.increment();
            case BROKEN -> tally.broken.increment();
            case UNKNOWN -> tally.unknown.increment();
        }
        return finding;
    }

    private Finding judge(AuditSample sample) {
        Finding session = judgeIndex(sample);
        if (session.verdict == Verdict.BROKEN) {
            return session;
        }
        Finding age = switch (sample.granted().level()) {
            case LINEARIZABLE -> judgeAge(sample, 0);
            case BOUNDED_STALENESS -> {
                var bound = sample.granted().maxStaleness();
                yield bound == null ? KEPT : judgeAge(sample, bound.toNanos());
            }
            case SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE, MONOTONIC_READ, EVENTUAL, READ_UNCOMMITTED -> KEPT;
        };
        return age.verdict == Verdict.KEPT ? session : age;
    }

    /** Not every index is an entry that changes rows: the first such entry that is missing is what counts. */
    private Finding judgeIndex(AuditSample sample) {
        if (sample.required() <= sample.served()) {
            return KEPT;
        }
        AppliedTimes times = shards.apply(sample.shard());
        long missing = firstAfter(times, sample.served(), sample.required());
        if (missing > 0) {
            return new Finding(
                    Verdict.BROKEN,
                    "the session needed index " + sample.required() + ", the rows served end with entry "
                            + sample.served() + " and lack entry " + missing);
        }
        return isForgotten(times, sample.served()) ? UNKNOWN : KEPT;
    }

    private Finding judgeAge(AuditSample sample, long boundNanos) {
        AppliedTimes times = shards.apply(sample.shard());
        long missing = firstAfter(times, sample.served(), Long.MAX_VALUE);
        if (missing > 0) {
            long age = sample.atNanos() - times.first(missing);
            if (age >= boundNanos) {
                return new Finding(
                        Verdict.BROKEN,
                        "the rows served end with entry " + sample.served() + " and lack entry " + missing
                                + ", which was applied elsewhere " + age / 1e6 + " ms before; promised was "
                                + boundNanos / 1e6 + " ms");
            }
        }
        return isForgotten(times, sample.served()) ? UNKNOWN : KEPT;
    }

    /** The first entry known after {@code index}, up to {@code last}; 0 when there is none. Entries are applied in order. */
    private static long firstAfter(AppliedTimes times, long index, long last) {
        long newest = Math.min(times.newest(), last);
        for (long next = Math.max(index + 1, newest - AppliedTimes.KEPT + 1); next <= newest; next++) {
            if (times.first(next) != AppliedTimes.NEVER) {
                return next;
            }
        }
        return 0;
    }

    private static boolean isForgotten(AppliedTimes times, long index) {
        return index + 1 < times.newest() - AppliedTimes.KEPT + 1;
    }
}
