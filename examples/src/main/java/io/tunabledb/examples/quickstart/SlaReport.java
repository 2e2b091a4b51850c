package io.tunabledb.examples.quickstart;

import io.tunabledb.examples.TextTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What TUNABLE.LEVELS says was served of what the rules promised. */
final class SlaReport {
    private static final String LEVELS = "SELECT TABLE_NAME, OPERATION, LEVEL, DECIDED_BY, STATEMENTS, MET, VIOLATED, "
            + "FELL_BACK, TIMED_OUT, WAIT_P99_MS, STALENESS_P99_MS FROM TUNABLE.LEVELS "
            + "WHERE DECIDED_BY LIKE 'RULE %' ORDER BY DECIDED_BY, TABLE_NAME, OPERATION, LEVEL";

    private final Connection connection;

    SlaReport(Connection connection) {
        this.connection = connection;
    }

    /** What went wrong: every violation, and rules that decided nothing. */
    List<String> print(Console console) throws SQLException {
        List<String> wrong = new ArrayList<>();
        TextTable table = new TextTable(List.of(
                "rule",
                "table",
                "operation",
                "level",
                "done",
                "met",
                "violated",
                "fell back",
                "timed out",
                "p99 wait ms",
                "p99 stale ms"));
        int rows = 0;
        try (Statement statement = connection.createStatement();
                ResultSet levels = statement.executeQuery(LEVELS)) {
            while (levels.next()) {
                rows++;
                String rule = levels.getString("DECIDED_BY").substring("RULE ".length());
                if (levels.getLong("VIOLATED") > 0) {
                    wrong.add("rule " + rule + " was violated " + levels.getLong("VIOLATED") + " times");
                }
                table.row(List.of(
                        rule,
                        levels.getString("TABLE_NAME"),
                        levels.getString("OPERATION"),
                        levels.getString("LEVEL"),
                        count(levels, "STATEMENTS"),
                        count(levels, "MET"),
                        count(levels, "VIOLATED"),
                        count(levels, "FELL_BACK"),
                        count(levels, "TIMED_OUT"),
                        millis(levels, "WAIT_P99_MS"),
                        millis(levels, "STALENESS_P99_MS")));
            }
        }
        console.print("");
        console.print("What the rules promised and what was served (TUNABLE.LEVELS):");
        table.lines().forEach(console::print);
        console.print("");
        if (rows == 0) {
            wrong.add("no rule decided anything");
        }
        return wrong;
    }

    private static String count(ResultSet levels, String column) throws SQLException {
        return String.format(Locale.ROOT, "%,d", levels.getLong(column));
    }

    private static String millis(ResultSet levels, String column) throws SQLException {
        double millis = levels.getDouble(column);
        return levels.wasNull() ? "" : String.format(Locale.ROOT, millis < 10 ? "%.2f" : "%,.0f", millis);
    }
}
