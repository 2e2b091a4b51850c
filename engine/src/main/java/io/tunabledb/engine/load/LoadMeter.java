package io.tunabledb.engine.load;

import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.load.LoadOptions.Source;
import io.tunabledb.engine.negotiate.Load;
import io.tunabledb.engine.plan.Catalog;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the sources of the load, smooths them, and says which thresholds of rules are passed. Time and the processor's
 * load are given. {@link #load} is one volatile read; everything else takes a lock and is for a sampler and for people.
 */
public final class LoadMeter {
    private static final Logger LOG = LoggerFactory.getLogger(LoadMeter.class);
    /** Time in which the smoothed figure goes about two thirds of the way to a new level. */
    private static final double SMOOTHING_NANOS = 250e6;

    private final LoadOptions options;
    private final LongSupplier nanoClock;
    private final DoubleSupplier processors;
    private final Supplier<Catalog> catalog;
    private final Set<Activity> sessions = ConcurrentHashMap.newKeySet();
    private final Map<Double, Hysteresis> thresholds = new TreeMap<>();
    private final Map<Source, Reading> readings = new EnumMap<>(Source.class);
    private long thresholdsOf = -1;
    private long lastNanos;
    private boolean sampled;
    private double smoothed;
    private volatile Load load = Load.NONE;

    /**
     * A source as it was read last.
     *
     * @param value statements, milliseconds, or the part of all processors; negative when it can't be read
     * @param full the value that is full load
     * @param counts whether it counts
     */
    public record Reading(double value, double full, boolean counts) {
        /** The load it makes; 1 is full. */
        public double load() {
            return Math.max(0, value / full);
        }
    }

    /** A threshold of some rule. */
    public record Threshold(double above, boolean passed, long switches) {}

    /** Everything at one moment. */
    public record View(Map<Source, Reading> readings, double load, double smoothed, List<Threshold> thresholds) {}

    /**
     * A meter for one database.
     *
     * @param nanoClock as {@link System#nanoTime}
     * @param processors the part of all processors in use, or something negative when it is not known
     * @param catalog the newest catalog
     */
    public LoadMeter(
            LoadOptions options, LongSupplier nanoClock, DoubleSupplier processors, Supplier<Catalog> catalog) {
        this.options = options;
        this.nanoClock = nanoClock;
        this.processors = processors;
        this.catalog = catalog;
    }

    /** The load as decisions see it. */
    public Load load() {
        return load;
    }

    /** A session opened. */
    public Activity open() {
        Activity activity = new Activity();
        sessions.add(activity);
        return activity;
    }

    /** It closed. */
    public void close(Activity activity) {
        sessions.remove(activity);
    }

    /** Whether any rule looks at the load. */
    public synchronized boolean isWatched() {
        followRules();
        return !thresholds.isEmpty();
    }

    /** Reads all sources and switches what is to be switched. */
    public synchronized void sample() {
        followRules();
        long now = nanoClock.getAsLong();
        read();
        double current = current();
        double weight = sampled ? 1 - Math.exp(-(now - lastNanos) / SMOOTHING_NANOS) : 1;
        smoothed += (current - smoothed) * weight;
        lastNanos = now;
        sampled = true;
        boolean switched = false;
        for (Hysteresis threshold : thresholds.values()) {
            if (threshold.update(smoothed, now)) {
                switched = true;
                LOG.info("load {}: {} {}", smoothed, threshold.isPassed() ? "passed" : "left", threshold.threshold());
            }
        }
        if (switched) {
            publish();
        }
    }

    /** What was read last. */
    public synchronized View view() {
        List<Threshold> all = new ArrayList<>();
        thresholds.values().forEach(one -> all.add(new Threshold(one.threshold(), one.isPassed(), one.switches())));
        return new View(Map.copyOf(readings), current(), smoothed, List.copyOf(all));
    }

    private void read() {
        int busy = 0;
        long statements = 0;
        long waitedNanos = 0;
        for (Activity session : sessions) {
            busy += session.isBusy() ? 1 : 0;
            statements += session.newStatements();
            waitedNanos += session.newWaitedNanos();
        }
        double waitedMillis = statements == 0 ? 0 : waitedNanos / 1e6 / statements;
        put(Source.IN_FLIGHT, busy, options.capacity());
        put(Source.QUEUE_WAIT, waitedMillis, options.queueWait().toNanos() / 1e6);
        put(Source.CPU, processors.getAsDouble(), 1);
    }

    private void put(Source source, double value, double full) {
        readings.put(source, new Reading(value, full, options.sources().contains(source)));
    }

    private double current() {
        return readings.values().stream()
                .filter(Reading::counts)
                .mapToDouble(Reading::load)
                .max()
                .orElse(0);
    }

    /** Thresholds of rules that are gone are forgotten; those that stay keep their state. */
    private void followRules() {
        Catalog current = catalog.get();
        if (current.version() == thresholdsOf) {
            return;
        }
        thresholdsOf = current.version();
        Set<Double> wanted = new HashSet<>();
        for (Rule rule : current.rules()) {
            Rule.Downgrade downgrade = rule.downgrade();
            if (downgrade != null) {
                for (int place = 0; place < downgrade.to().size(); place++) {
                    wanted.add(downgrade.threshold(place));
                }
            }
        }
        boolean forgot = thresholds.keySet().retainAll(wanted);
        wanted.forEach(threshold -> thresholds.computeIfAbsent(
                threshold, any -> new Hysteresis(any, options.enter(), options.leave(), options.margin())));
        if (forgot) {
            publish();
        }
    }

    private void publish() {
        Set<Double> passed = new HashSet<>();
        thresholds.values().stream().filter(Hysteresis::isPassed).forEach(one -> passed.add(one.threshold()));
        if (!passed.equals(load.exceeded())) {
            load = passed.isEmpty() ? Load.NONE : new Load(smoothed, passed);
        }
    }
}
