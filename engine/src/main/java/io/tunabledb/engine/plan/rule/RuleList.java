package io.tunabledb.engine.plan.rule;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.parser.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Changes of an ordered list of rules, and what can be said of one. Pure. */
public final class RuleList {
    /** More are a mistake of a program that makes them. */
    public static final int MOST = 1000;

    private RuleList() {}

    /**
     * The rules after CREATE CONSISTENCY RULE. A replaced rule's successor stays where it was, unless BEFORE says
     * otherwise; a new one comes last.
     *
     * @param create the statement, its table under its full name
     * @throws RefusedRuleException 42710 when the name is taken, 42704 when BEFORE names no rule, TC006 when there are too
     *     many
     */
    public static List<Rule> with(List<Rule> rules, Statement.CreateRule create) {
        Rule rule = create.rule();
        List<Rule> changed = new ArrayList<>(rules);
        int old = indexOf(rules, rule.name());
        if (old >= 0 && !create.replaces()) {
            throw new RefusedRuleException(
                    SqlState.DUPLICATE_OBJECT,
                    "consistency rule " + rule.name()
                            + " exists already; write CREATE OR REPLACE CONSISTENCY RULE to replace it");
        }
        if (old >= 0) {
            changed.remove(old);
        }
        int place = old < 0 ? changed.size() : old;
        String before = create.before();
        if (before != null) {
            place = indexOf(changed, before);
            if (place < 0) {
                throw unknown(before, changed, "BEFORE");
            }
        }
        changed.add(place, rule);
        if (changed.size() > MOST) {
            throw new RefusedRuleException(
                    SqlState.OVER_LIMIT,
                    "there are " + rules.size() + " consistency rules, and no more than " + MOST
                            + " are kept; drop some, or let one rule cover more tables (ON *)");
        }
        return List.copyOf(changed);
    }

    /**
     * The rules after DROP CONSISTENCY RULE.
     *
     * @throws RefusedRuleException 42704 when there is none of that name and IF EXISTS does not stand
     */
    public static List<Rule> without(List<Rule> rules, Statement.DropRule drop) {
        int at = indexOf(rules, drop.name());
        if (at < 0) {
            if (drop.ifExists()) {
                return rules;
            }
            throw unknown(drop.name(), rules, "DROP");
        }
        List<Rule> changed = new ArrayList<>(rules);
        changed.remove(at);
        return List.copyOf(changed);
    }

    /** Whether no statement can ever reach the rule at that place, because rules before it match all of its scope. */
    public static boolean isUnreachable(List<Rule> rules, int place) {
        Rule rule = rules.get(place);
        return Arrays.stream(Operation.values())
                .filter(rule.operations()::contains)
                .allMatch(operation ->
                        rules.subList(0, place).stream().anyMatch(earlier -> covers(earlier, rule, operation)));
    }

    /** The rules that can't be reached, in order. */
    public static List<Rule> unreachable(List<Rule> rules) {
        List<Rule> found = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            if (isUnreachable(rules, i)) {
                found.add(rules.get(i));
            }
        }
        return found;
    }

    private static boolean covers(Rule earlier, Rule later, Operation operation) {
        Rule.Table table = earlier.table();
        String userType = earlier.userType();
        return (table == null || table.equals(later.table()))
                && (userType == null || userType.equals(later.userType()))
                && earlier.operations().contains(operation);
    }

    private static int indexOf(List<Rule> rules, String name) {
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private static RefusedRuleException unknown(String name, List<Rule> rules, String what) {
        List<String> names = rules.stream().map(Rule::name).toList();
        Optional<String> meant = Words.nearest(name, names);
        return new RefusedRuleException(
                SqlState.UNKNOWN_OBJECT,
                what + ": there is no consistency rule " + name
                        + meant.map(other -> "; did you mean " + other + "?").orElse("")
                        + (names.isEmpty()
                                ? "; there are no rules"
                                : "; SHOW CONSISTENCY RULES lists the " + names.size() + " there are"));
    }
}
