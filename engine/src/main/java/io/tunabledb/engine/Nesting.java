package io.tunabledb.engine;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.internals.Stacks;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * How deep a statement's expressions and queries are at most, estimated from its text in one pass: every operator in a row,
 * every bracket in a bracket, every part of a UNION and every join is a level, because to storage it is one on the stack.
 * What commas part, as the values of an IN list or the rows of an INSERT, is beside each other, but for the queries of a
 * WITH.
 *
 * <p>It also estimates how many words H2 copies for queries in queries: its parser gives each query in brackets a copy of
 * that query's words, and it writes a UNION of many parts, where it parses its own text again, with a bracket around all
 * parts so far. A text of 100 kB can be gigabytes that way, and parsing can't be cancelled.
 */
final class Nesting {
    /** Deeper statements are refused. */
    static final int MOST = 100_000;
    /** Deeper statements are executed on a deep stack. */
    private static final int FLAT = 200;
    /** Shorter texts can't be deeper than that. */
    private static final int SHORT_CHARS = 400;
    /** A bracket takes the parser down through every precedence. */
    private static final int BRACKET = 10;

    private static final int QUERY = 5;
    /** A word's copy is about 40 bytes; a definition is compiled in several replicas of a process at once. */
    static final long MOST_COPIED = Math.min(8_000_000, Runtime.getRuntime().maxMemory() / 8 / 40);
    /** H2 writes a column with its table, and each part of a UNION with its brackets. */
    private static final int WRITTEN = 2;
    /** What H2 makes of a star: unknown here, and seldom more than that. */
    private static final int STAR = 20;

    private static final Set<String> SET_OPERATORS = Set.of("UNION", "EXCEPT", "MINUS", "INTERSECT");
    private static final Set<String> FIRST_OF_QUERY = Set.of("SELECT", "WITH", "VALUES", "TABLE", "FROM", "EXPLAIN");
    private static final Set<String> BEFORE_VIEW = Set.of("OR", "REPLACE", "FORCE", "CREATE");
    private static final Set<String> OPERATORS =
            Set.of("AND", "OR", "NOT", "IS", "IN", "LIKE", "BETWEEN", "WHEN", "ELSE");
    private static final Set<String> QUERIES =
            Set.of("UNION", "EXCEPT", "MINUS", "INTERSECT", "JOIN", "SELECT", "EXPLAIN");

    private final String sql;
    /** By bracket that is open: the height of what stands since the last comma, and of the highest before. */
    private int[] now = new int[16];

    private int[] before = new int[16];
    /** By bracket that is open: how many words came before it. */
    private long[] wordsBefore = new long[16];
    /** By bracket that is open: what is in it. */
    private Content[] content = new Content[16];

    private int open;
    private int at;
    private int most;
    private long words;
    private long copied;
    /** Whether what commas part outside of brackets is on top of each other. */
    private boolean chained;

    /** What a bracket begins with. */
    private enum Content {
        NOTHING,
        QUERY,
        /** CREATE, which may be followed by OR REPLACE FORCE; with VIEW it is a QUERY. */
        CREATE,
        OTHER
    }

    private Nesting(String sql) {
        this.sql = sql;
        content[0] = Content.NOTHING;
    }

    /** Whether a statement needs a deep stack. */
    static boolean isDeep(String sql) throws SQLException {
        if (sql.length() <= SHORT_CHARS) {
            return false;
        }
        Nesting nesting = new Nesting(sql);
        int found = nesting.count();
        if (nesting.copied > MOST_COPIED) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "compiling the statement would make about " + nesting.copied
                            + " copies of its words, one for each query"
                            + " or part of a UNION around them; the most is " + MOST_COPIED
                            + " in this heap. Use lists (IN, VALUES) instead of UNION, or several statements");
        }
        if (found > MOST) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "the statement is " + found + " levels deep, counting operators in a row, queries and " + BRACKET
                            + " for each bracket in a bracket; the most is " + MOST
                            + ". Use lists (IN, VALUES), or several statements");
        }
        return found > FLAT;
    }

    static int of(String sql) {
        return new Nesting(sql).count();
    }

    static long copiedBy(String sql) {
        Nesting nesting = new Nesting(sql);
        nesting.count();
        return nesting.copied;
    }

    /** What a caller gets whose stack was too small after all. */
    static SQLException overflow(Throwable overflow) {
        return Errors.of(
                SqlState.OVER_LIMIT,
                "the statement, or a view it reads, is nested more deeply than this thread's stack allows; use fewer"
                        + " operators in a row, brackets in brackets and views over views, or a thread with a larger"
                        + " stack than Java's default (this engine's own have " + (Stacks.DEEP_BYTES >> 20) + " MB)",
                overflow);
    }

    private int count() {
        while (at < sql.length()) {
            next();
        }
        while (open > 0) {
            close();
        }
        return Math.max(most, Math.max(before[0], now[0]));
    }

    private void next() {
        char c = sql.charAt(at);
        if (c <= ' ') {
            at++;
            return;
        }
        words++;
        if (Character.isJavaIdentifierStart(c)) {
            word();
        } else if (Character.isDigit(c)) {
            begun(Content.OTHER);
            do {
                at++;
            } while (at < sql.length() && Character.isLetterOrDigit(sql.charAt(at)));
        } else if (c == '\'' || c == '"' || c == '`') {
            int end = sql.indexOf(c, at + 1);
            at = end < 0 ? sql.length() : end + 1;
        } else if (sql.startsWith("--", at)) {
            // two signs, for H2 as for us, begin a comment
            int end = sql.indexOf('\n', at);
            at = end < 0 ? sql.length() : end + 1;
        } else {
            sign(c);
            at++;
        }
    }

    private void sign(char c) {
        switch (c) {
            case '(', '[' -> open();
            case ')', ']' -> close();
            case ',', ';' -> {
                if (open > 0 || c == ';' || !chained) {
                    before[open] = Math.max(before[open], now[open]);
                    now[open] = 0;
                }
                chained &= c != ';';
                if (c == ';' && open == 0) {
                    content[0] = Content.NOTHING;
                    wordsBefore[0] = words;
                }
            }
            case '*' -> {
                now[open]++;
                words += STAR;
            }
            case '+', '-', '/', '%', '|', '<', '>', '=', '~', '&', ':' -> now[open]++;
            default -> {}
        }
    }

    private void word() {
        int from = at;
        while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
            at++;
        }
        if (at - from > "INTERSECT".length()) {
            begun(Content.OTHER);
            return;
        }
        String word = sql.substring(from, at).toUpperCase(Locale.ROOT);
        if (content[open] == Content.NOTHING) {
            begun(
                    open == 0
                            ? word.equals("CREATE") ? Content.CREATE : Content.OTHER
                            : FIRST_OF_QUERY.contains(word) ? Content.QUERY : Content.OTHER);
        } else if (content[open] == Content.CREATE && !BEFORE_VIEW.contains(word)) {
            content[open] = word.equals("VIEW") ? Content.QUERY : Content.OTHER;
        }
        if (content[open] == Content.QUERY && SET_OPERATORS.contains(word)) {
            copied += WRITTEN * (words - wordsBefore[open]);
        }
        if (word.equals("WITH")) {
            // each query of its list may read the one before
            chained |= open == 0;
        } else if (word.equals("CASE")) {
            open();
        } else if (word.equals("END")) {
            close();
        } else if (OPERATORS.contains(word)) {
            now[open]++;
        } else if (QUERIES.contains(word)) {
            now[open] += QUERY;
        }
    }

    private void begun(Content with) {
        if (content[open] == Content.NOTHING) {
            content[open] = with;
        }
    }

    private void open() {
        open++;
        if (open == now.length) {
            now = Arrays.copyOf(now, open * 2);
            before = Arrays.copyOf(before, open * 2);
            wordsBefore = Arrays.copyOf(wordsBefore, open * 2);
            content = Arrays.copyOf(content, open * 2);
        }
        wordsBefore[open] = words;
        content[open] = Content.NOTHING;
        now[open] = 0;
        before[open] = 0;
        most = Math.max(most, open * BRACKET);
    }

    private void close() {
        if (open > 0) {
            int height = Math.max(before[open], now[open]) + BRACKET;
            boolean isQuery = content[open] == Content.QUERY;
            if (isQuery) {
                copied += words - wordsBefore[open];
            }
            open--;
            if (open > 0) {
                begun(isQuery ? Content.QUERY : Content.OTHER);
            }
            now[open] = open == 0 && chained ? now[open] + height : Math.max(now[open], height);
        }
    }
}
