package io.tunabledb.engine.h2.gather.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads SQL that H2 has written: its parameters carry their numbers ({@code ?3}), its names are quoted. What leaves here
 * has plain question marks.
 */
final class NumberedText {
    private final String sql;
    private final Set<String> dropped;
    private final @Nullable Map<String, GatherPlan.Text> columns;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> parameters = new ArrayList<>();
    private int at;
    private boolean hasStrangers;

    private NumberedText(String sql, Set<String> dropped, @Nullable Map<String, GatherPlan.Text> columns) {
        this.sql = sql;
        this.dropped = dropped;
        this.columns = columns;
        while (at < sql.length()) {
            next();
        }
    }

    static GatherPlan.Text of(String sql) {
        return new NumberedText(sql, Set.of(), null).result();
    }

    /**
     * The text without the names before its columns.
     *
     * @param names a table's alias, or its schema and name
     * @return null if other names stand before a dot
     */
    static GatherPlan.@Nullable Text unqualified(String sql, Set<String> names) {
        return unqualified(sql, names, null);
    }

    /**
     * The same, with other expressions in the columns' place.
     *
     * @param columns by the columns' names; null to leave them as they are
     * @return null also if a name has none
     */
    static GatherPlan.@Nullable Text unqualified(
            String sql, Set<String> names, @Nullable Map<String, GatherPlan.Text> columns) {
        NumberedText scanner = new NumberedText(sql, names, columns);
        return scanner.hasStrangers ? null : scanner.result();
    }

    private GatherPlan.Text result() {
        return new GatherPlan.Text(text.toString(), List.copyOf(parameters));
    }

    private void next() {
        char c = sql.charAt(at);
        if (c == '\'') {
            int end = endOfQuoted();
            text.append(sql, at, end);
            at = end;
        } else if (c == '"') {
            name();
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

    private void name() {
        int end = endOfQuoted();
        boolean isQualifier = end + 1 < sql.length() && sql.charAt(end) == '.' && sql.charAt(end + 1) == '"';
        if (isQualifier && dropped.contains(unquoted(end))) {
            at = end + 1;
            return;
        }
        hasStrangers |= isQualifier;
        GatherPlan.Text instead = columns == null ? null : columns.get(unquoted(end));
        if (instead == null) {
            hasStrangers |= columns != null;
            text.append(sql, at, end);
        } else {
            text.append('(').append(instead.sql()).append(')');
            parameters.addAll(instead.parameters());
        }
        at = end;
    }

    private String unquoted(int end) {
        return sql.substring(at + 1, end - 1).replace("\"\"", "\"");
    }

    private int endOfQuoted() {
        char quote = sql.charAt(at);
        int end = at + 1;
        while (end < sql.length()) {
            if (sql.charAt(end) == quote) {
                if (end + 1 == sql.length() || sql.charAt(end + 1) != quote) {
                    return end + 1;
                }
                end++;
            }
            end++;
        }
        return end;
    }
}
