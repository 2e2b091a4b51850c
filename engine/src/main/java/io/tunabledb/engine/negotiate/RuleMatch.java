package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.Touched;
import io.tunabledb.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The first rule that matches a table of a statement, if any does.
 *
 * @param table the table; null stands for the statement itself when it names none
 * @param operation what the statement does to that table: a table it only reads is read, whatever it does to others
 * @param rule the rule; null when none matches
 * @param isNamed whether the statement names the table, or a view over it; if not, only what is said for it counts
 */
record RuleMatch(
        Plan.@Nullable Table table,
        Operation operation,
        @Nullable Rule rule,
        boolean isNamed) {

    /** The match for each table, or for the statement when it names none. */
    static List<RuleMatch> all(
            Plan plan, List<Touched> hidden, String userType, List<Rule> rules, DecisionTrace steps) {
        if (plan.tables().isEmpty()) {
            return List.of(first(null, plan.operation(), true, userType, rules, steps));
        }
        return Stream.concat(
                        plan.tables().stream()
                                .map(table -> first(table, operation(plan, table), true, userType, rules, steps)),
                        hidden.stream()
                                .map(each -> first(each.table(), each.operation(), false, userType, rules, steps)))
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
            Plan.@Nullable Table table,
            Operation operation,
            boolean isNamed,
            String userType,
            List<Rule> rules,
            DecisionTrace steps) {
        for (Rule rule : rules) {
            String because = mismatch(rule, table, operation, userType);
            steps.looked(rule, table, operation, because);
            if (because == null) {
                return new RuleMatch(table, operation, rule, isNamed);
            }
        }
        return new RuleMatch(table, operation, null, isNamed);
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
