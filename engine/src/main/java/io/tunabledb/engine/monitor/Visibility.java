package io.tunabledb.engine.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * The measured probability that an EVENTUAL read t ms after a write was acknowledged sees it, per table: of a sample of
 * writes, the part of live replicas that had applied them by then, all replicas being as likely to be asked. Measured,
 * where Bailis et al. (Probabilistically Bounded Staleness for Practical Partial Quorums, VLDB 2012) predict it from the
 * delays of messages.
 */
final class Visibility {
    /** The delays t for which the probability is kept. */
    private static final int[] DELAYS_MILLIS = {0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(1100);
    private static final int MOST_PENDING = 4096;
    private static final int MOST_TABLES = 1000;

    private final IntFunction<AppliedTimes> shards;
    private final BlockingQueue<Written> pending = new LinkedBlockingQueue<>(MOST_PENDING);
    private final Map<String, Seen> tables = new TreeMap<>();

    private record Written(List<String> tables, int shard, long index, long ackNanos) {}

    private static final class Seen {
        private final long[] visible = new long[DELAYS_MILLIS.length];
        private long samples;
    }

    Visibility(IntFunction<AppliedTimes> shards) {
        this.shards = shards;
    }

    /** A write was acknowledged. Dropped when too many wait to be looked at: it is a sample. */
    void acknowledged(List<String> written, int shard, long index, long nowNanos) {
        var unused = pending.offer(new Written(written, shard, index, nowNanos));
    }

    /** Looks at the writes that were acknowledged long enough ago. On one thread. */
    void settle(int nodes, IntPredicate isAlive, long nowNanos) {
        for (Written head = pending.peek();
                head != null && nowNanos - head.ackNanos > SETTLED_NANOS;
                head = pending.peek()) {
            pending.remove();
            if (shards.apply(head.shard).first(head.index) == AppliedTimes.NEVER) {
                // the statement changed nothing, so there is no entry of it
                continue;
            }
            for (int node = 1; node <= nodes; node++) {
                if (isAlive.test(node)) {
                    settle(head, node);
                }
            }
        }
    }

    private void settle(Written written, int node) {
        AppliedTimes times = shards.apply(written.shard);
        long at = times.at(node, written.index);
        if (at == AppliedTimes.NEVER && times.newest(node) >= written.index) {
            // it came with a snapshot, or the time line has moved on: when is not known
            return;
        }
        synchronized (tables) {
            for (String table : written.tables) {
                Seen seen = tables.size() < MOST_TABLES
                        ? tables.computeIfAbsent(table, any -> new Seen())
                        : tables.computeIfAbsent(SlaKey.OTHERS, any -> new Seen());
                seen.samples++;
                for (int i = 0; i < DELAYS_MILLIS.length; i++) {
                    long by = written.ackNanos + TimeUnit.MILLISECONDS.toNanos(DELAYS_MILLIS[i]);
                    seen.visible[i] += at != AppliedTimes.NEVER && at - by <= 0 ? 1 : 0;
                }
            }
        }
    }

    /** A row per table and delay. */
    List<VisibilityFigures> figures() {
        List<VisibilityFigures> figures = new ArrayList<>();
        synchronized (tables) {
            tables.forEach((table, seen) -> {
                for (int i = 0; i < DELAYS_MILLIS.length; i++) {
                    figures.add(new VisibilityFigures(
                            table, DELAYS_MILLIS[i], (double) seen.visible[i] / seen.samples, seen.samples));
                }
            });
        }
        return figures;
    }
}
