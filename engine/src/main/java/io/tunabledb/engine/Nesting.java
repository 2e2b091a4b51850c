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
    private static final Set<String> OPERATORS =
            Set.of("AND", "OR", "NOT", "IS", "IN", "LIKE", "BETWEEN", "WHEN", "ELSE");
    private static final Set<String> QUERIES =
            Set.of("UNION", "EXCEPT", "MINUS", "INTERSECT", "JOIN", "SELECT", "EXPLAIN");

    private final String sql;
    /** By bracket that is open: the height of what stands since the last comma, and of the highest before. */
    private int[] now = new int[16];

    private int[] before = new int[16];
    private int open;
    private int at;
    private int most;
    /** Whether what commas part outside of brackets is on top of each other. */
    private boolean chained;

    private Nesting(String sql) {
        this.sql = sql;
    }

    /** Whether a statement needs a deep stack. */
    static boolean isDeep(String sql) throws SQLException {
        if (sql.length() <= SHORT_CHARS) {
            return false;
        }
        int found = of(sql);
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
        if (Character.isJavaIdentifierStart(c)) {
            word();
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
            }
            case '+', '-', '*', '/', '%', '|', '<', '>', '=', '~', '&', ':' -> now[open]++;
            default -> {}
        }
    }

    private void word() {
        int from = at;
        while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
            at++;
        }
        if (at - from > "INTERSECT".length()) {
            return;
        }
        String word = sql.substring(from, at).toUpperCase(Locale.ROOT);
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

    private void open() {
        open++;
        if (open == now.length) {
            now = Arrays.copyOf(now, open * 2);
            before = Arrays.copyOf(before, open * 2);
        }
        now[open] = 0;
        before[open] = 0;
        most = Math.max(most, open * BRACKET);
    }

    private void close() {
        if (open > 0) {
            int height = Math.max(before[open], now[open]) + BRACKET;
            open--;
            now[open] = open == 0 && chained ? now[open] + height : Math.max(now[open], height);
        }
    }
}
