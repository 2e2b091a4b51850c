package io.tunabledb.engine.monitor;

import static io.tunabledb.engine.h2.catalog.SystemTable.number;
import static io.tunabledb.engine.h2.catalog.SystemTable.real;
import static io.tunabledb.engine.h2.catalog.SystemTable.text;

import io.tunabledb.engine.h2.catalog.SystemTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the monitor knows as tables of schema TUNABLE: LEVELS, AUDIT, VIOLATIONS and PBS. */
final class MonitorTables {

    private MonitorTables() {}

    static List<SystemTable> of(SlaMonitor monitor) {
        return List.of(levels(monitor), audit(monitor), violations(monitor), visibility(monitor));
    }

    private static SystemTable levels(SlaMonitor monitor) {
        List<SystemTable.Column> columns = new ArrayList<>(List.of(
                text("TABLE_NAME"),
                text("OPERATION"),
                text("LEVEL"),
                text("DECIDED_BY"),
                number("STATEMENTS"),
                number("MET"),
                number("VIOLATED"),
                number("FELL_BACK"),
                number("RAISED"),
                number("DOWNGRADED"),
                number("TIMED_OUT")));
        for (String what : List.of("WAIT", "LATENCY", "STALENESS")) {
            for (String which : List.of("P50", "P99", "MAX")) {
                columns.add(real(what + "_" + which + "_MS"));
            }
        }
        return new SystemTable(
                "LEVELS",
                columns,
                () -> monitor.levels().stream().map(MonitorTables::row).toList());
    }

    private static List<?> row(SlaFigures figures) {
        List<@Nullable Object> row = new ArrayList<>(List.of(
                figures.key().table(),
                figures.key().operation().name(),
                figures.key().granted().name(),
                figures.key().decidedBy(),
                figures.count(),
                figures.met(),
                figures.violated(),
                figures.fellBack(),
                figures.raised(),
                figures.downgraded(),
                figures.timedOut()));
        for (Spread spread : Arrays.asList(figures.waited(), figures.latency(), figures.staleness())) {
            row.add(spread == null ? null : millis(spread.p50()));
            row.add(spread == null ? null : millis(spread.p99()));
            row.add(spread == null ? null : millis(spread.max()));
        }
        return row;
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    private static SystemTable audit(SlaMonitor monitor) {
        return new SystemTable(
                "AUDIT",
                List.of(text("LEVEL"), number("KEPT"), number("BROKEN"), number("UNKNOWN"), number("DROPPED")),
                () -> monitor.audits().stream()
                        .map(one -> List.of(one.level().name(), one.kept(), one.broken(), one.unknown(), one.dropped()))
                        .toList());
    }

    private static SystemTable violations(SlaMonitor monitor) {
        return new SystemTable(
                "VIOLATIONS",
                List.of(
                        text("FOUND_AT"),
                        text("FOUND_BY"),
                        text("GRANTED"),
                        text("DECIDED_BY"),
                        text("TABLES"),
                        text("NODE"),
                        text("FOUND")),
                () -> monitor.violations().stream()
                        .map(one -> List.of(
                                one.at().toString(),
                                one.foundBy().name(),
                                one.granted().text(),
                                one.decidedBy(),
                                String.join(", ", one.tables()),
                                one.replica(),
                                one.found()))
                        .toList());
    }

    private static SystemTable visibility(SlaMonitor monitor) {
        return new SystemTable(
                "PBS",
                List.of(text("TABLE_NAME"), number("T_MS"), real("PROBABILITY"), number("SAMPLES")),
                () -> monitor.visibility().stream()
                        .map(one -> List.of(one.table(), one.delayMillis(), one.probability(), one.samples()))
                        .toList());
    }
}
