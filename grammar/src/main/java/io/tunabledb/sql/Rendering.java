package io.tunabledb.sql;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import io.tunabledb.sql.Statement.Source;
import io.tunabledb.sql.Statement.TableUse;
import java.math.BigDecimal;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Statements back to SQL, with what they ask for. */
final class Rendering {

    private Rendering() {}

    static String text(Statement statement) {
        if (statement instanceof Statement.Sql sql
                && sql.asked() != null
                && sql.asked().source() == Source.CLAUSE) {
            return append(sql.text(), "WITH CONSISTENCY " + sql.asked().ladder().text());
        }
        return statement.text();
    }

    /** CREATE TABLE with the ladders and the clause it asks; {@code text} has all else. */
    static String createTable(String text, Statement.Sql create, @Nullable Ladder read, @Nullable Ladder write) {
        String whole = read == null && write == null ? text : append(text, "WITH " + ladders(read, write));
        if (create.asked() == null || create.asked().source() == Source.HINT) {
            return whole;
        }
        String clause = "WITH CONSISTENCY " + create.asked().ladder().text();
        return whole.equals(text) ? append(text, clause) : whole + " " + clause;
    }

    static String alterTable(TableUse table, @Nullable Ladder read, @Nullable Ladder write) {
        return "ALTER TABLE " + Names.text(table) + " SET " + ladders(read, write);
    }

    static String alterTable(TableUse table, Statement.Sharded sharded) {
        String key = sharded.key();
        return "ALTER TABLE " + Names.text(table)
                + (key != null
                        ? " SHARD BY (" + Names.quoted(key) + ")"
                        : sharded.isReference() ? " REFERENCE" : " UNSHARDED");
    }

    private static String ladders(@Nullable Ladder read, @Nullable Ladder write) {
        return Stream.of(read == null ? "" : "READ " + read.text(), write == null ? "" : "WRITE " + write.text())
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", ", "CONSISTENCY (", ")"));
    }

    static String rule(Rule rule, boolean replaces, @Nullable String before) {
        StringBuilder text =
                new StringBuilder(replaces ? "CREATE OR REPLACE CONSISTENCY RULE " : "CREATE CONSISTENCY RULE ");
        text.append(Names.quoted(rule.name()));
        if (before != null) {
            text.append(" BEFORE ").append(Names.quoted(before));
        }
        text.append(" ON ").append(table(rule.table())).append(" FOR ").append(rule.operations());
        String userType = rule.userType();
        if (userType != null) {
            text.append(" TO USER TYPE '").append(userType.replace("'", "''")).append('\'');
        }
        text.append(" USING ").append(rule.using().text());
        Rung floor = rule.floor();
        if (floor != null) {
            text.append(" FLOOR ").append(floor.text());
        }
        Rule.Downgrade downgrade = rule.downgrade();
        if (downgrade != null) {
            text.append(downgrade.to().stream().map(Rung::text).collect(Collectors.joining(", ", " DOWNGRADE TO ", "")))
                    .append(" WHEN LOAD > ")
                    .append(BigDecimal.valueOf(downgrade.load())
                            .stripTrailingZeros()
                            .toPlainString());
        }
        return text.toString();
    }

    private static String table(Rule.@Nullable Table table) {
        return table == null ? "*" : Names.text(new TableUse(table.schema(), table.name(), Statement.Use.READ));
    }

    /** On a line of its own when the text may end in a comment to the end of the line. */
    private static String append(String text, String clause) {
        int line = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
        boolean comment = text.indexOf("--", line) >= 0 || text.indexOf("//", line) >= 0;
        return text + (comment ? "\n" : " ") + clause;
    }
}
