package io.tunabledb.engine.node;

import io.tunabledb.engine.url.EntryName;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * The record of an entry that is left out for good, on all replicas alike.
 *
 * @param entry what it was, in a few words
 * @param cause what came of applying it
 * @param since when that was decided
 */
record SkippedEntry(EntryName name, long term, String entry, String cause, Instant since) {
    private static final int MOST_CHARS = 500;

    SkippedEntry {
        entry = cut(entry);
        cause = cut(cause);
    }

    private static String cut(String text) {
        return text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS) + "\u2026";
    }

    /** What a session that asks for its outcome is told. */
    String reason() {
        return "entry " + name + ", " + entry + ", was left out on " + since + ", as skipEntry=" + name + " asked: "
                + cause;
    }

    /** As the database's directory keeps it, a line for each part. */
    String encode() {
        return String.join("\n", Long.toString(term), since.toString(), flat(entry), flat(cause));
    }

    private static String flat(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException it did not write that
     */
    static SkippedEntry decode(String name, String text) {
        EntryName named = EntryName.of(name);
        String[] lines = text.split("\n", -1);
        if (named == null || lines.length != 4) {
            throw new IllegalArgumentException("'" + name + "' and '" + text + "' are no record of an entry");
        }
        try {
            return new SkippedEntry(named, Long.parseLong(lines[0]), lines[2], lines[3], Instant.parse(lines[1]));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("'" + lines[1] + "' is no time", e);
        }
    }
}
