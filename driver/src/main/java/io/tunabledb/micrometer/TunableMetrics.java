package io.tunabledb.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.engine.monitor.AuditFigures;
import io.tunabledb.engine.monitor.SlaFigures;
import io.tunabledb.engine.monitor.SlaKey;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.engine.monitor.Spread;
import io.tunabledb.jdbc.TunableConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a database knows of itself as meters of a registry, as schema TUNABLE shows it to SQL:
 *
 * <ul>
 *   <li>{@code tunabledb.statements}, counted per {@code table}, {@code operation}, {@code level}, {@code decided.by} and
 *       {@code outcome} (met, violated, timed_out), and {@code tunabledb.differences} (fell_back, raised, downgraded)
 *   <li>{@code tunabledb.wait} and {@code tunabledb.latency}, timers, and with {@code tunabledb.staleness} also gauges
 *       {@code ….spread} per {@code quantile} (0.5, 0.99, 1)
 *   <li>{@code tunabledb.audits} per {@code level} and {@code verdict}
 *   <li>{@code tunabledb.visibility}: the probability that an EVENTUAL read {@code after} so long sees a write
 *   <li>{@code tunabledb.replica.up}, {@code .applied}, {@code .staleness} and {@code .leading} per {@code node}
 * </ul>
 *
 * <p>Every meter carries the tag {@code database}. Meters of what comes by later are added then. The meters end with the
 * database: keep a connection, or {@code closeDelay}, as long as they are to be read.
 */
public final class TunableMetrics implements MeterBinder {
    private static final List<Integer> DELAYS_MILLIS = List.of(0, 10, 100, 1000);
    private static final Map<String, Function<Spread, Duration>> QUANTILES =
            Map.of("0.5", Spread::p50, "0.99", Spread::p99, "1", Spread::max);

    private final SlaMonitor sla;
    private final Figures figures;
    private final int nodes;
    private final Tags common;

    /**
     * The meters of the database behind a connection.
     *
     * @param connection to the database, pooled or not; not kept
     * @param database the value of the tag {@code database}
     * @throws SQLException when it is closed, or no connection to TunableDB
     */
    public TunableMetrics(Connection connection, String database) throws SQLException {
        TunableConnection tunable = connection.unwrap(TunableConnection.class);
        this.sla = tunable.sla();
        this.figures = new Figures(sla, tunable.cluster());
        this.nodes = tunable.cluster().nodes();
        this.common = Tags.of("database", database);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (int node = 1; node <= nodes; node++) {
            bindReplica(registry, node);
        }
        for (Level level : Level.values()) {
            Tags tags = common.and("level", level.name());
            bindAudit(registry, tags.and("verdict", "kept"), level, AuditFigures::kept);
            bindAudit(registry, tags.and("verdict", "broken"), level, AuditFigures::broken);
            bindAudit(registry, tags.and("verdict", "unknown"), level, AuditFigures::unknown);
        }
        Set<String> written = ConcurrentHashMap.newKeySet();
        sla.watchKeys(key -> {
            bindKey(registry, key);
            if (key.operation() != Operation.SELECT && written.add(key.table())) {
                bindVisibility(registry, key.table());
            }
        });
    }

    private void bindReplica(MeterRegistry registry, int node) {
        Tags tags = common.and("node", "n" + node);
        bindReplica(
                registry, "tunabledb.replica.up", tags, node, one -> one.role().equals("STOPPED") ? 0 : 1);
        bindReplica(
                registry,
                "tunabledb.replica.leading",
                tags,
                node,
                one -> one.role().equals("LEADER") ? 1 : 0);
        bindReplica(registry, "tunabledb.replica.applied", tags, node, ReplicaStatus::applied);
        TimeGauge.builder(
                        "tunabledb.replica.staleness",
                        figures,
                        TimeUnit.NANOSECONDS,
                        all -> all.replica(node, TunableMetrics::staleness))
                .tags(tags)
                .description("how old a replica's data can at most be; not a number when it holds no lease")
                .register(registry);
    }

    private static double staleness(ReplicaStatus replica) {
        Duration staleness = replica.staleness();
        return staleness == null ? Double.NaN : staleness.toNanos();
    }

    private void bindReplica(
            MeterRegistry registry, String name, Tags tags, int node, ToDoubleFunction<ReplicaStatus> figure) {
        Gauge.builder(name, figures, all -> all.replica(node, figure))
                .tags(tags)
                .register(registry);
    }

    private void bindAudit(MeterRegistry registry, Tags tags, Level level, ToDoubleFunction<AuditFigures> figure) {
        FunctionCounter.builder("tunabledb.audits", figures, all -> all.audited(level, figure))
                .tags(tags)
                .description("reads that were checked again after the fact")
                .register(registry);
    }

    private void bindKey(MeterRegistry registry, SlaKey key) {
        Tags tags = common.and(
                "table", key.table(),
                "operation", key.operation().name(),
                "level", key.granted().name(),
                "decided.by", key.decidedBy());
        bindCount(registry, "tunabledb.statements", tags.and("outcome", "met"), key, SlaFigures::met);
        bindCount(registry, "tunabledb.statements", tags.and("outcome", "violated"), key, SlaFigures::violated);
        bindCount(registry, "tunabledb.statements", tags.and("outcome", "timed_out"), key, SlaFigures::timedOut);
        bindCount(registry, "tunabledb.differences", tags.and("kind", "fell_back"), key, SlaFigures::fellBack);
        bindCount(registry, "tunabledb.differences", tags.and("kind", "raised"), key, SlaFigures::raised);
        bindCount(registry, "tunabledb.differences", tags.and("kind", "downgraded"), key, SlaFigures::downgraded);
        bindTimer(registry, "tunabledb.wait", tags, key, SlaFigures::waited);
        bindTimer(registry, "tunabledb.latency", tags, key, SlaFigures::latency);
        bindSpread(registry, "tunabledb.wait.spread", tags, key, SlaFigures::waited);
        bindSpread(registry, "tunabledb.latency.spread", tags, key, SlaFigures::latency);
        bindSpread(registry, "tunabledb.staleness.spread", tags, key, SlaFigures::staleness);
    }

    private void bindCount(
            MeterRegistry registry, String name, Tags tags, SlaKey key, ToDoubleFunction<SlaFigures> figure) {
        FunctionCounter.builder(name, figures, all -> all.count(key, figure))
                .tags(tags)
                .register(registry);
    }

    private void bindTimer(
            MeterRegistry registry, String name, Tags tags, SlaKey key, Function<SlaFigures, @Nullable Spread> spread) {
        FunctionTimer.builder(
                        name,
                        figures,
                        all -> count(all.spread(key, spread)),
                        all -> totalNanos(all.spread(key, spread)),
                        TimeUnit.NANOSECONDS)
                .tags(tags)
                .register(registry);
    }

    private static long count(@Nullable Spread spread) {
        return spread == null ? 0 : spread.count();
    }

    private static double totalNanos(@Nullable Spread spread) {
        return spread == null ? 0 : (double) spread.mean().toNanos() * spread.count();
    }

    private void bindSpread(
            MeterRegistry registry, String name, Tags tags, SlaKey key, Function<SlaFigures, @Nullable Spread> spread) {
        QUANTILES.forEach((quantile, figure) -> TimeGauge.builder(
                        name, figures, TimeUnit.NANOSECONDS, all -> all.nanos(key, spread, figure))
                .tags(tags.and("quantile", quantile))
                .register(registry));
    }

    private void bindVisibility(MeterRegistry registry, String table) {
        for (int delay : DELAYS_MILLIS) {
            Gauge.builder("tunabledb.visibility", figures, all -> all.visible(table, delay))
                    .tags(common.and("table", table, "after", delay + "ms"))
                    .description("the measured probability that an EVENTUAL read sees a write so long after it")
                    .register(registry);
        }
    }
}
