package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first rule that matches a table of a statement, if any does.
 *
 * @param table the table; null stands for the statement itself when it names none
 * @param operation what the statement does to that table: a table it only reads is read, whatever it does to others
 * @param rule the rule; null when none matches
 */
record RuleMatch(
        Plan.@Nullable Table table,
        Operation operation,
        @Nullable Rule rule) {

    /** The match for each table, or for the statement when it names none. */
    static List<RuleMatch> all(Plan plan, String userType, List<Rule> rules, Steps steps) {
        return plan.tables().isEmpty()
                ? List.of(first(null, plan.operation(), userType, rules, steps))
                : plan.tables().stream()
                        .map(table -> first(table, operation(plan, table), userType, rules, steps))
                        .toList();
    }

    /** What is done to the table. A query that changes a table on the way may do anything to it. */
    private static Operation operation(Plan plan, Plan.Table table) {
        if (table.use() == Statement.Use.READ) {
            return Operation.SELECT;
        }
        return plan.operation().isRead() ? Operation.MERGE : plan.operation();
    }

    private static RuleMatch first(
            Plan.@Nullable Table table, Operation operation, String userType, List<Rule> rules, Steps steps) {
        for (Rule rule : rules) {
            String because = mismatch(rule, table, operation, userType);
            steps.looked(rule, table, operation, because);
            if (because == null) {
                return new RuleMatch(table, operation, rule);
            }
        }
        return new RuleMatch(table, operation, null);
    }

    /** Why the rule does not match, or null when it does. */
    private static @Nullable String mismatch(
            Rule rule, Plan.@Nullable Table table, Operation operation, String userType) {
        Rule.Table on = rule.table();
        if (on != null
                && (table == null
                        || !on.name().equals(table.name())
                        || !table.schema().equals(on.schema()))) {
            return "another table";
        }
        if (!rule.operations().contains(operation)) {
            return "another operation";
        }
        String type = rule.userType();
        return type == null || type.equals(userType) ? null : "another user type";
    }
}
