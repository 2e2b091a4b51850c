package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.SystemTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One decision. */
final class Negotiation {
    private static final Ladder DEFAULT = Ladder.of(Level.SEQUENTIAL);

    private final Ask ask;
    private final Catalog catalog;
    private final Load load;
    private final DecisionTrace steps;
    private final List<RuleMatch> matches;

    Negotiation(Ask ask, Plan plan, Catalog catalog, Load load, DecisionTrace steps) {
        this.ask = ask;
        this.catalog = catalog;
        this.load = load;
        this.steps = steps;
        List<Rule> rules = plan.kind() == Plan.Kind.DEFINE ? List.of() : catalog.rules();
        // what the engine shows of itself has no consistency to rule
        this.matches =
                RuleMatch.all(catalog.withoutViews(plan), catalog.hidden(plan), ask.userType(), rules, steps).stream()
                        .filter(match ->
                                match.table() == null || !match.table().schema().equals(SystemTables.SCHEMA))
                        .toList();
    }

    Agreement decide() {
        Agreement asked = asked();
        return floored(asked != null ? asked : byTables());
    }

    /** What the statement, its transaction or its session asks. Only the asker may make it weaker. */
    private @Nullable Agreement asked() {
        var statement = ask.statement();
        if (statement != null) {
            return as(statement.ladder(), statement.source().name());
        }
        Rung transaction = ask.transaction();
        if (transaction != null) {
            return as(Ladder.of(transaction), "SET TRANSACTION");
        }
        Ladder session = ask.session();
        return session == null ? null : as(session, "SET CONSISTENCY");
    }

    private static Agreement as(Ladder ladder, String decidedBy) {
        return new Agreement(ladder, decidedBy, ladder, null);
    }

    // ---- what the tables say ----

    /**
     * What is said for one table.
     *
     * @param rank how particular the speaker is; of equally strong ones the most particular is named
     * @param granted differs from {@code asked} when the rule downgrades
     */
    private record Says(int rank, String by, @Nullable Rule rule, Ladder asked, Ladder granted) {}

    /**
     * A statement over several tables takes the strongest of what is said for each, and falls no lower than any of them
     * allows. It is downgraded only as far as every one of them is.
     */
    private Agreement byTables() {
        List<Says> all = new ArrayList<>();
        matches.stream().filter(this::isSaid).forEach(match -> all.add(says(match)));
        if (all.isEmpty()) {
            all.add(unsaid());
        }
        Says asks = all.get(0);
        Says grants = asks;
        for (Says says : all) {
            asks = prefers(says, says.asked, asks, asks.asked) ? says : asks;
            grants = prefers(says, says.granted, grants, grants.granted) ? says : grants;
        }
        Ladder granted = grants.granted;
        for (Says says : all) {
            granted = Strength.raise(granted, Strength.weakest(says.granted));
        }
        if (all.size() > 1) {
            steps.say("of " + all.stream().map(Says::by).distinct().collect(Collectors.joining(", "))
                    + " the strongest is " + asks.by);
        }
        boolean isDowngraded = Strength.isStronger(asks.asked.first(), granted.first());
        return isDowngraded
                ? downgraded(asks, Objects.requireNonNull(asks.rule), granted)
                : new Agreement(asks.asked, asks.by, granted, null);
    }

    private static boolean prefers(Says one, Ladder left, Says other, Ladder right) {
        return Strength.isStronger(left.first(), right.first())
                || (one.rank < other.rank && !Strength.isStronger(right.first(), left.first()));
    }

    /** What a rule, a table or a session says; none need say anything for a table that is only read, or changed, by the way. */
    private boolean isSaid(RuleMatch match) {
        return match.isNamed() || match.rule() != null || own(match) != null;
    }

    private @Nullable Ladder own(RuleMatch match) {
        Plan.Table table = match.table();
        var own = table == null ? null : catalog.of(table.schema(), table.name());
        return own == null ? null : match.operation().isRead() ? own.read() : own.write();
    }

    private Says says(RuleMatch match) {
        Rule rule = match.rule();
        if (rule != null) {
            return new Says(0, "RULE " + rule.name(), rule, rule.using(), underLoad(rule));
        }
        Plan.Table table = match.table();
        Ladder ladder = own(match);
        return ladder == null ? unsaid() : new Says(1, "TABLE " + table, null, ladder, ladder);
    }

    private Says unsaid() {
        Ladder url = ask.url();
        return url != null ? new Says(2, "URL", null, url, url) : new Says(3, "DEFAULT", null, DEFAULT, DEFAULT);
    }

    // ---- load ----

    /** The rule's ladder under the load: lowered along its list, never below a floor. */
    private Ladder underLoad(Rule rule) {
        Rule.Downgrade downgrade = rule.downgrade();
        if (downgrade == null) {
            return rule.using();
        }
        int depth = load.depth(downgrade);
        List<Rung> open = downgrade.to().stream()
                .filter(rung -> Strength.isStronger(rule.using().first(), rung))
                .filter(rung -> floors().stream().noneMatch(floor -> Strength.isBelow(rung, floor)))
                .toList();
        steps.say("rule " + rule.name() + " may downgrade above load " + number(downgrade.load()) + ": "
                + (depth == 0 ? "not passed" : depth + " of its thresholds passed") + ", "
                + (open.isEmpty() ? "no level of its list is weaker and allowed by FLOOR" : "open are " + open));
        return depth == 0 || open.isEmpty()
                ? rule.using()
                : Strength.lower(rule.using(), open.get(Math.min(depth, open.size()) - 1));
    }

    private Agreement downgraded(Says asks, Rule rule, Ladder granted) {
        double threshold = rule.downgrade() == null ? 0 : rule.downgrade().load();
        String message = "downgraded from " + asks.asked.first().text() + " to "
                + granted.first().text() + ": the load passed " + number(threshold) + " (it was "
                + number(load.figure())
                + " then), and rule " + rule.name() + " allows it";
        steps.say(message);
        return new Agreement(
                asks.asked, asks.by, granted, message, List.of(new Notice(SqlState.DOWNGRADED, rule.name(), message)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    // ---- floors ----

    private List<Rung> floors() {
        return matches.stream()
                .map(RuleMatch::rule)
                .filter(Objects::nonNull)
                .map(Rule::floor)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The agreement with every rung raised to the floors of all rules that match. */
    private Agreement floored(Agreement decided) {
        Ladder granted = decided.granted();
        List<Notice> notices = new ArrayList<>(decided.notices());
        String reason = decided.reason();
        for (RuleMatch match : matches) {
            Rule rule = match.rule();
            Rung floor = rule == null ? null : rule.floor();
            if (rule != null && floor != null) {
                Ladder raised = Strength.raise(granted, floor);
                if (!raised.equals(granted)) {
                    String message = "raised from " + granted.text() + " to " + raised.text() + ": rule " + rule.name()
                            + " has FLOOR " + floor.text();
                    steps.say(message);
                    notices.add(new Notice(SqlState.RAISED_BY_FLOOR, rule.name(), message));
                    reason = reason == null ? message : reason + "; " + message;
                    granted = raised;
                }
            }
        }
        return granted.equals(decided.granted())
                ? decided
                : new Agreement(decided.asked(), decided.decidedBy(), granted, reason, notices);
    }
}
