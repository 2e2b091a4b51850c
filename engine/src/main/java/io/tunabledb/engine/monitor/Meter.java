package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.consistency.Violation;
import io.tunabledb.engine.negotiate.Agreement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the executions of one statement of one session. Belongs to that session's thread, so that a point read, which
 * takes about a microsecond, costs one striped increment more: durations are taken from a sample of the reads, from all
 * that waited for longer than {@value #LONG_WAIT_NANOS} ns, and from every write.
 */
public final class Meter {
    private static final long LONG_WAIT_NANOS = 100_000;

    private final SlaMonitor monitor;
    private final Operation operation;
    private final List<String> tables;
    private @Nullable Cells last;

    /** Where the executions count that were granted one rung of one agreement. */
    private record Cells(Agreement agreement, Rung granted, boolean isPlain, long boundNanos, SlaCell[] cells) {

        @SuppressWarnings("ReferenceEquality") // the same objects come by while nothing changes; others cost a lookup
        private boolean isOf(Agreement other, Rung otherGranted) {
            return granted == otherGranted && agreement == other;
        }
    }

    Meter(SlaMonitor monitor, Operation operation, List<String> tables) {
        this.monitor = monitor;
        this.operation = operation;
        this.tables = tables;
    }

    /** An execution begins; what this returns goes to {@link #served}: when, or 0 when it is not timed. */
    public long begin(Sampling sampling) {
        return !operation.isRead() || sampling.takes() ? System.nanoTime() | 1 : 0;
    }

    /**
     * An execution was served.
     *
     * @param began what {@link #begin} said
     */
    public void served(Agreement agreement, @Nullable Receipt receipt, long began) {
        if (receipt == null || receipt.served().isEmpty()) {
            return;
        }
        Cells at = last;
        if (at == null || !at.isOf(agreement, receipt.granted())) {
            at = cells(agreement, receipt.granted());
            last = at;
        }
        Receipt.Served served = receipt.served().get(0);
        boolean isMet = served.index() >= served.required() && !isTooOld(served, at.boundNanos);
        for (SlaCell cell : at.cells) {
            if (isMet) {
                cell.met();
            } else {
                cell.violated();
            }
            if (!at.isPlain) {
                countDifference(agreement, at.granted, cell);
            }
        }
        if (!isMet) {
            tell(agreement, receipt, served);
        }
        // a wait takes the clock anyway, and the slow ones are what a percentile is about
        boolean isLong = served.waited().toNanos() > LONG_WAIT_NANOS;
        if (isLong || began != 0) {
            time(at, served, began, isLong ? 1 : weight());
        }
    }

    private static boolean isTooOld(Receipt.Served served, long boundNanos) {
        Duration staleness = served.staleness();
        return boundNanos != Long.MAX_VALUE && (staleness == null || staleness.toNanos() > boundNanos);
    }

    private static void countDifference(Agreement agreement, Rung granted, SlaCell cell) {
        Rung promised = agreement.granted().first();
        Rung asked = agreement.asked().first();
        if (!granted.equals(promised)) {
            cell.fellBack();
        }
        if (promised.level().isStrongerThan(asked.level())) {
            cell.raised();
        } else if (asked.level().isStrongerThan(promised.level())) {
            cell.downgraded();
        }
    }

    private void time(Cells at, Receipt.Served served, long began, int weight) {
        long latency = began == 0 ? 0 : System.nanoTime() - began;
        Duration staleness = served.staleness();
        for (SlaCell cell : at.cells) {
            cell.waits().record(served.waited().toNanos(), weight);
            if (began != 0) {
                cell.latency().record(latency, weight());
            }
            if (staleness != null && operation.isRead()) {
                cell.staleness().record(staleness.toNanos(), weight);
            }
        }
    }

    private int weight() {
        return operation.isRead() ? Sampling.EVERY : 1;
    }

    private void tell(Agreement agreement, Receipt receipt, Receipt.Served served) {
        Duration staleness = served.staleness();
        monitor.violated(
                Violation.FoundBy.SERVING,
                receipt.granted(),
                agreement.decidedBy(),
                tables,
                served.replica(),
                "index " + served.required() + " was required and index " + served.index() + " served, "
                        + (staleness == null ? "of unknown age" : "at most " + staleness.toNanos() / 1e6 + " ms old"));
    }

    /** The write that {@link #served} was told of is a transaction of its own: how soon is it seen elsewhere? */
    public void acknowledged(Receipt receipt) {
        if (!tables.isEmpty() && !receipt.served().isEmpty()) {
            Receipt.Served first = receipt.served().get(0);
            monitor.acknowledged(tables, first.shard(), first.index());
        }
    }

    /** A read counted as met was found not to be. */
    void foundViolated(Rung granted, String decidedBy) {
        for (String table : tables) {
            monitor.cell(new SlaKey(table, operation, granted.level(), decidedBy))
                    .foundViolated();
        }
    }

    /** An execution failed; one that was refused because its level could not be met in time counts. */
    public void failed(Agreement agreement, SQLException e) {
        String state = e.getSQLState();
        if (SqlState.LEVEL_NOT_MET.code().equals(state)
                || SqlState.NO_MAJORITY.code().equals(state)
                || SqlState.OUTCOME_UNKNOWN.code().equals(state)
                || SqlState.CANNOT_CONNECT.code().equals(state)) {
            List<Rung> rungs = agreement.granted().rungs();
            for (SlaCell cell : cells(agreement, rungs.get(rungs.size() - 1)).cells) {
                cell.timedOut();
            }
        }
    }

    private Cells cells(Agreement agreement, Rung granted) {
        Rung promised = agreement.granted().first();
        Duration bound = granted.maxStaleness();
        return new Cells(
                agreement,
                granted,
                granted.equals(promised)
                        && promised.level() == agreement.asked().first().level(),
                bound == null || !operation.isRead() ? Long.MAX_VALUE : bound.toNanos(),
                tables.stream()
                        .map(table ->
                                monitor.cell(new SlaKey(table, operation, granted.level(), agreement.decidedBy())))
                        .toArray(SlaCell[]::new));
    }
}
