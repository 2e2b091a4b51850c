package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.ConsistencyListener;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.Violation;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a database keeps its promises: what was asked and served, counted and timed; a sample of reads checked again after
 * the fact; listeners told of what was not kept. Everything is since the database started, in this process. Schema
 * TUNABLE shows the same to SQL. Safe for any number of threads.
 */
public final class SlaMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlaMonitor.class);
    /** An audited read needs a transaction, some 40 µs; so many of them cost one core 1 % at most. */
    static final int MOST_AUDITS_PER_SECOND = 250;

    private static final int MOST_AUDITS_AT_ONCE = 50;

    private static final int MOST_PENDING_AUDITS = 4096;
    private static final long PERIOD_MILLIS = 100;
    /** The time line is written just after an entry is applied, so a read may see it before the time line does. */
    private static final long AUDIT_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SlaCells cells;
    private final long epochNanos = System.nanoTime();
    private final Map<Integer, AppliedTimes> times = new ConcurrentHashMap<>();
    private final Audit audit = new Audit(this::times);
    private final Visibility visibility = new Visibility(this::times);
    private final Violations violations = new Violations(System.nanoTime());
    private final Waits waits = new Waits(System::nanoTime);
    private final BlockingQueue<AuditSample> pending = new LinkedBlockingQueue<>(MOST_PENDING_AUDITS);
    private final AtomicLong auditedUntil = new AtomicLong(System.nanoTime());
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread worker = new Thread(task, "tunabledb-monitor");
        worker.setDaemon(true);
        return worker;
    });

    /**
     * A monitor that does not run yet.
     *
     * @param limit the most combinations that are counted apart
     */
    public SlaMonitor(int limit) {
        this.cells = new SlaCells(limit);
        ServiceLoader.load(ConsistencyListener.class).forEach(violations::add);
    }

    /** Starts what runs beside the statements. */
    public void start(int nodes, IntPredicate isAlive) {
        ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(
                () -> work(nodes, isAlive), PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void work(int nodes, IntPredicate isAlive) {
        try {
            long now = System.nanoTime();
            for (AuditSample head = pending.peek();
                    head != null && now - head.atNanos() > AUDIT_AFTER_NANOS;
                    head = pending.peek()) {
                pending.remove();
                check(head);
            }
            visibility.settle(nodes, isAlive, now);
            violations.tell(now);
        } catch (RuntimeException | Error e) {
            // a throw would silently end the schedule
            LOG.error("the monitor missed a turn", e);
        }
    }

    private void check(AuditSample sample) {
        Audit.Finding finding = audit.check(sample);
        if (finding.verdict() == Audit.Verdict.BROKEN) {
            meter(Operation.SELECT, sample.tables()).foundViolated(sample.granted(), sample.decidedBy());
            violated(
                    Violation.FoundBy.AUDIT,
                    sample.granted(),
                    sample.decidedBy(),
                    sample.tables(),
                    sample.replica(),
                    finding.detail());
        }
    }

    // ---- what execution tells ----

    /** How long replicas lately took to meet each level. */
    public Waits waits() {
        return waits;
    }

    /** Counts one statement's executions, for each of its tables but not for those that show the counts. */
    public Meter meter(Operation operation, List<String> tables) {
        List<String> counted = tables.stream()
                .filter(table -> !table.startsWith(ReservedNames.SYSTEM_SCHEMA + "."))
                .distinct()
                .toList();
        return new Meter(this, operation, tables.isEmpty() ? List.of(SlaKey.NO_TABLE) : counted);
    }

    /** Chooses which of a session's reads are audited: this part of them, 0 to 1. */
    public AuditSampler sampler(double part, long seed) {
        return new AuditSampler(part, seed, this::admitsAudit, this::sampled);
    }

    /** Never waits; dropped and counted when too many are to be checked. */
    private void sampled(AuditSample sample) {
        if (!pending.offer(sample)) {
            audit.tally(sample.granted().level()).dropped.increment();
        }
    }

    void acknowledged(List<String> tables, int shard, long index) {
        visibility.acknowledged(tables, shard, index, System.nanoTime());
    }

    /** A replica has applied an entry that changed rows or the schema. On its apply thread. */
    public void applied(int node, int shard, long index) {
        times(shard).applied(node, index, System.nanoTime());
    }

    private AppliedTimes times(int shard) {
        AppliedTimes known = times.get(shard);
        return known != null ? known : times.computeIfAbsent(shard, any -> new AppliedTimes(epochNanos));
    }

    private boolean admitsAudit() {
        long now = System.nanoTime();
        long cost = TimeUnit.SECONDS.toNanos(1) / MOST_AUDITS_PER_SECOND;
        long until = auditedUntil.get();
        return until - now < MOST_AUDITS_AT_ONCE * cost
                && auditedUntil.compareAndSet(until, Math.max(until, now) + cost);
    }

    SlaCell cell(SlaKey key) {
        return cells.at(key);
    }

    /**
     * Tells {@code watcher} every combination that is counted apart, those there are now and each new one when it first
     * comes by, on the thread of the statement that brought it.
     */
    public void watchKeys(Consumer<SlaKey> watcher) {
        cells.watch(watcher);
    }

    void violated(
            Violation.FoundBy foundBy,
            Rung granted,
            String decidedBy,
            List<String> tables,
            String replica,
            String found) {
        violations.found(new Violation(Instant.now(), foundBy, granted, decidedBy, tables, replica, found));
    }

    // ---- what is known ----

    /** Every combination of table, operation, level and who decided that came by, in that order. */
    public List<SlaFigures> levels() {
        return cells.figures();
    }

    /** What the audit found, by level. */
    public List<AuditFigures> audits() {
        return audit.tallies().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .map(entry -> new AuditFigures(
                        entry.getKey(),
                        entry.getValue().kept.sum(),
                        entry.getValue().broken.sum(),
                        entry.getValue().unknown.sum(),
                        entry.getValue().dropped.sum()))
                .toList();
    }

    /** How soon EVENTUAL reads see writes, by table and delay; from writes at least a second ago. */
    public List<VisibilityFigures> visibility() {
        return visibility.figures();
    }

    /** The newest promises that were not kept, newest first, at most 100. */
    public List<Violation> violations() {
        return violations.newest();
    }

    /** Adds a listener to this database. */
    public void addListener(ConsistencyListener listener) {
        violations.add(listener);
    }

    /** Removes a listener; does nothing when it is not there. */
    public void removeListener(ConsistencyListener listener) {
        violations.remove(listener);
    }

    /** The same for schema TUNABLE: LEVELS, AUDIT, VIOLATIONS and PBS. */
    public List<SystemTable> tables() {
        return MonitorTables.of(this);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
