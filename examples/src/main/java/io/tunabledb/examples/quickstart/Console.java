package io.tunabledb.examples.quickstart;

import java.io.PrintWriter;
import java.util.Locale;

/** Where the story is told, with the seconds since it began. */
final class Console {
    private final PrintWriter out;
    private final long startedNanos = System.nanoTime();

    Console(PrintWriter out) {
        this.out = out;
    }

    /** A line of the story, with its time. */
    void say(String format, Object... arguments) {
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        out.printf(Locale.ROOT, "%6.1f s  %s%n", seconds, String.format(Locale.ROOT, format, arguments));
    }

    /** A line of a table. */
    void print(String line) {
        out.println(line);
    }
}
