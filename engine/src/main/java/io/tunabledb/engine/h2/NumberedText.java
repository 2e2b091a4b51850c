package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads SQL that H2 has written: its parameters carry their numbers ({@code ?3}), its names are quoted. What leaves here
 * has plain question marks.
 */
final class NumberedText {
    private final String sql;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> parameters = new ArrayList<>();
    private int at;

    private NumberedText(String sql) {
        this.sql = sql;
    }

    static GatherPlan.Text of(String sql) {
        NumberedText scanner = new NumberedText(sql);
        while (scanner.at < sql.length()) {
            scanner.next();
        }
        return new GatherPlan.Text(scanner.text.toString(), scanner.parameters);
    }

    private void next() {
        char c = sql.charAt(at);
        if (c == '\'' || c == '"') {
            quoted(c);
        } else if (c == '?' && at + 1 < sql.length() && Character.isDigit(sql.charAt(at + 1))) {
            int from = ++at;
            while (at < sql.length() && Character.isDigit(sql.charAt(at))) {
                at++;
            }
            parameters.add(Integer.parseInt(sql.substring(from, at)));
            text.append('?');
        } else {
            text.append(c);
            at++;
        }
    }

    /** A doubled quote inside looks like two texts side by side, which comes to the same. */
    private void quoted(char quote) {
        int end = sql.indexOf(quote, at + 1);
        int next = end < 0 ? sql.length() : end + 1;
        text.append(sql, at, next);
        at = next;
    }
}
