package io.tunabledb.examples;

import io.tunabledb.consistency.Receipt;
import java.util.Locale;
import java.util.stream.Collectors;

/** A receipt in one line. */
public final class ReceiptText {

    private ReceiptText() {}

    /** What was asked, who decided, what was granted and why, and who served it. */
    public static String of(Receipt receipt) {
        String reason = receipt.reason();
        return "receipt: asked " + receipt.asked() + " (" + receipt.decidedBy() + "), granted " + receipt.granted()
                + (reason == null ? "" : " (" + reason + ")") + "; "
                + receipt.served().stream().map(ReceiptText::of).collect(Collectors.joining("; "))
                + (receipt.attempts() > 1 ? "; " + receipt.attempts() + " attempts" : "");
    }

    private static String of(Receipt.Served served) {
        var staleness = served.staleness();
        return served.replica() + " " + served.role() + " at index " + served.index()
                + (staleness == null ? "" : ", at most " + millis(staleness.toNanos()) + " old")
                + ", waited " + millis(served.waited().toNanos());
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
    }
}
