package io.tunabledb.micrometer;

import io.tunabledb.consistency.Level;
import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.engine.monitor.AuditFigures;
import io.tunabledb.engine.monitor.SlaFigures;
import io.tunabledb.engine.monitor.SlaKey;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.engine.monitor.Spread;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** One look at a database for all meters of one scrape: percentiles are worth computing once, not once per meter. */
final class Figures {
    private static final long GOOD_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final SlaMonitor sla;
    private final EmbeddedCluster cluster;
    private @Nullable Look last;

    private record Look(
            long atNanos,
            Map<SlaKey, SlaFigures> levels,
            Map<Level, AuditFigures> audits,
            List<ReplicaStatus> replicas,
            Map<String, Double> visible) {}

    Figures(SlaMonitor sla, EmbeddedCluster cluster) {
        this.sla = sla;
        this.cluster = cluster;
    }

    private synchronized Look look() {
        Look found = last;
        if (found == null || System.nanoTime() - found.atNanos > GOOD_FOR_NANOS) {
            Map<SlaKey, SlaFigures> levels = new HashMap<>();
            sla.levels().forEach(figures -> levels.put(figures.key(), figures));
            Map<Level, AuditFigures> audits = new HashMap<>();
            sla.audits().forEach(figures -> audits.put(figures.level(), figures));
            Map<String, Double> visible = new HashMap<>();
            sla.visibility().forEach(one -> visible.put(one.table() + "@" + one.delayMillis(), one.probability()));
            found = new Look(System.nanoTime(), levels, audits, cluster.replicas(), visible);
            last = found;
        }
        return found;
    }

    /** A count of one key, 0 while it is not known. */
    double count(SlaKey key, ToDoubleFunction<SlaFigures> figure) {
        SlaFigures figures = look().levels.get(key);
        return figures == null ? 0 : figure.applyAsDouble(figures);
    }

    /** A figure in nanoseconds of one of a key's spreads; not a number while nothing was timed. */
    double nanos(SlaKey key, Function<SlaFigures, @Nullable Spread> spread, Function<Spread, Duration> figure) {
        Spread found = spread(key, spread);
        return found == null ? Double.NaN : figure.apply(found).toNanos();
    }

    @Nullable
    Spread spread(SlaKey key, Function<SlaFigures, @Nullable Spread> spread) {
        SlaFigures figures = look().levels.get(key);
        return figures == null ? null : spread.apply(figures);
    }

    double audited(Level level, ToDoubleFunction<AuditFigures> figure) {
        AuditFigures figures = look().audits.get(level);
        return figures == null ? 0 : figure.applyAsDouble(figures);
    }

    double replica(int node, ToDoubleFunction<ReplicaStatus> figure) {
        return figure.applyAsDouble(look().replicas.get(node - 1));
    }

    double visible(String table, int delayMillis) {
        return look().visible.getOrDefault(table + "@" + delayMillis, Double.NaN);
    }
}
