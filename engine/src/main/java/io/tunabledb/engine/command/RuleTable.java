package io.tunabledb.engine.command;

import static io.tunabledb.engine.h2.catalog.SystemTable.flag;
import static io.tunabledb.engine.h2.catalog.SystemTable.number;
import static io.tunabledb.engine.h2.catalog.SystemTable.text;

import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.load.RuleCounts;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.rule.RuleList;
import io.tunabledb.sql.SqlParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** TUNABLE.RULES: the consistency rules in their order, and how often each did something in this process. */
public final class RuleTable {

    private RuleTable() {}

    public static SystemTable of(Supplier<Catalog> catalog, RuleCounts counts) {
        return new SystemTable(
                "RULES",
                List.of(
                        number("POSITION"),
                        text("NAME"),
                        text("TABLE_NAME"),
                        text("OPERATION"),
                        text("USER_TYPE"),
                        text("LADDER"),
                        text("FLOOR_LEVEL"),
                        text("DOWNGRADE"),
                        flag("REACHABLE"),
                        number("RAISED"),
                        number("DOWNGRADED"),
                        text("STATEMENT")),
                () -> rows(catalog.get().rules(), counts));
    }

    private static List<List<?>> rows(List<Rule> rules, RuleCounts counts) {
        List<List<?>> rows = new ArrayList<>(rules.size());
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            RuleCounts.Count count = counts.of(rule.name());
            rows.add(Arrays.asList(
                    (long) i + 1,
                    rule.name(),
                    RuleCommands.tableOf(rule),
                    rule.operations().name(),
                    rule.userType(),
                    rule.using().text(),
                    RuleCommands.textOf(rule.floor()),
                    RuleCommands.downgradeOf(rule),
                    !RuleList.isUnreachable(rules, i),
                    count.raised(),
                    count.downgraded(),
                    SqlParser.render(rule)));
        }
        return rows;
    }
}
