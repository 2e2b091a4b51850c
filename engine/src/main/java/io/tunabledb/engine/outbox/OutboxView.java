package io.tunabledb.engine.outbox;

import static io.tunabledb.engine.h2.catalog.SystemTable.number;
import static io.tunabledb.engine.h2.catalog.SystemTable.real;
import static io.tunabledb.engine.h2.catalog.SystemTable.text;

import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.catalog.SystemView;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** What schema TUNABLE shows of outboxes. */
public final class OutboxView {
    private static final double NANOS_PER_MILLI = 1e6;

    /** TUNABLE.REJECTED_WRITES: weak writes that failed when their turn came, until they are retried or dismissed. */
    public static final SystemView REJECTED_WRITES = new SystemView(
            "REJECTED_WRITES",
            "SELECT ID, 'n' || NODE AS NODE, NUMBER, ACCEPTED_AT, TEXT, PARAMETERS, SQLSTATE, REASON FROM "
                    + ReservedNames.INTERNAL_SCHEMA + ".REJECTED_WRITES");

    private OutboxView() {}

    /** TUNABLE.OUTBOX, and what SHOW CONSISTENCY OUTBOX shows: a row per node. */
    public static SystemTable table(Supplier<List<OutboxStatus>> outboxes) {
        return new SystemTable(
                "OUTBOX",
                List.of(
                        text("NODE"),
                        number("ACCEPTED"),
                        number("PENDING"),
                        real("OLDEST_MS"),
                        number("BYTES"),
                        number("FORWARDED"),
                        number("REJECTED"),
                        text("LAST_ERROR")),
                () -> {
                    List<List<?>> rows = new ArrayList<>();
                    for (OutboxStatus outbox : outboxes.get()) {
                        Duration oldest = outbox.oldest();
                        rows.add(Arrays.asList(
                                "n" + outbox.node(),
                                outbox.accepted(),
                                outbox.pending(),
                                oldest == null ? null : oldest.toNanos() / NANOS_PER_MILLI,
                                outbox.bytes(),
                                outbox.forwarded(),
                                outbox.rejected(),
                                outbox.lastError()));
                    }
                    return rows;
                });
    }
}
