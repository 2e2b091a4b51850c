package io.tunabledb.examples.quickstart;

import io.tunabledb.examples.TextTable;
import io.tunabledb.examples.quickstart.Operation.Office;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the traffic came to, for people. */
final class TrafficReport {
    private final Map<Operation, Tally> tallies;

    TrafficReport(Map<Operation, Tally> tallies) {
        this.tallies = tallies;
    }

    void print(Console console) {
        console.print("");
        table().lines().forEach(console::print);
        console.print("");
        console.print("What the branch office was refused, and why:");
        tallies.forEach((operation, tally) -> tally.refusals()
                .forEach((state, refusal) -> console.print(
                        line(operation, refusal.count()) + state + ", first: " + refusal.firstMessage())));
        console.print("What was granted differently from what was asked, and why:");
        tallies.forEach((operation, tally) ->
                tally.reasons().forEach((reason, count) -> console.print(line(operation, count) + reason)));
    }

    private static String line(Operation operation, long count) {
        return String.format(
                Locale.ROOT,
                "  %s at %s (%s), %,d times: ",
                operation.name(),
                operation.level(),
                operation.office().name().toLowerCase(Locale.ROOT),
                count);
    }

    private TextTable table() {
        TextTable table = new TextTable(List.of(
                "level", "operation", "office", "done", "p50 ms", "p99 ms", "stalest ms", "served by", "remarks"));
        tallies.forEach((operation, tally) -> table.row(List.of(
                operation.level(),
                operation.name(),
                operation.office().name().toLowerCase(Locale.ROOT),
                String.format(Locale.ROOT, "%,d", tally.count()),
                millis(tally.millisAt(50)),
                millis(tally.millisAt(99)),
                tally.neverKnewAge() ? "?" : millis(tally.stalest().toNanos() / 1e6),
                servedBy(tally),
                remarks(operation, tally))));
        return table;
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, millis < 10 ? "%.2f" : "%,.0f", millis);
    }

    private static String servedBy(Tally tally) {
        Map<String, Long> served = tally.servedBy();
        long all = served.values().stream().mapToLong(Long::longValue).sum();
        return served.entrySet().stream()
                .map(one -> one.getKey() + " " + percent(one.getValue(), all))
                .collect(Collectors.joining(" "));
    }

    private static String percent(long part, long all) {
        return part * 100 < all ? "<1%" : Math.round(100.0 * part / all) + "%";
    }

    private static String remarks(Operation operation, Tally tally) {
        List<String> remarks = new ArrayList<>();
        tally.refusals().forEach((state, refusal) -> remarks.add(refusal.count() + " refused " + state));
        if (tally.refusals().isEmpty() && operation.office() == Office.BRANCH) {
            remarks.add("never refused");
        }
        if (tally.retries() > 0) {
            remarks.add(tally.retries() + " retried 40001");
        }
        return String.join(", ", remarks);
    }
}
