package io.tunabledb.engine.command;

import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.RulesPath;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.statement.SessionPaths;
import io.tunabledb.engine.h2.sql.RowSet;
import io.tunabledb.engine.load.LoadMeter;
import io.tunabledb.engine.load.LoadOptions.Source;
import io.tunabledb.engine.negotiate.RuleFaults;
import io.tunabledb.engine.plan.rule.RuleList;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The statements that change or show consistency rules and the load they look at. */
final class RuleCommands {
    private final SessionPaths session;
    private final LoadMeter loads;

    RuleCommands(SessionPaths session, LoadMeter loads) {
        this.session = session;
        this.loads = loads;
    }

    /** Warns of what the new rule makes, or is, without effect. */
    Result create(Statement.CreateRule statement) throws SQLException {
        DiskRoom.requireForWrite(session.state().cluster());
        session.transaction().commit();
        Statement.CreateRule create = qualified(statement);
        Rule.Table table = create.rule().table();
        if (table != null) {
            session.catalog().requireTable(Objects.requireNonNull(table.schema()), table.name());
        }
        RulesPath.Changed changed = new RulesPath(session.catalog()).change(rules -> RuleList.with(rules, create));
        SQLWarning first = null;
        for (String fault : faults(create.rule(), changed)) {
            SQLWarning warning = Errors.warning(SqlState.RULE_WITHOUT_EFFECT, fault);
            if (first == null) {
                first = warning;
            } else {
                first.setNextWarning(warning);
            }
        }
        return new Result(null, 0, null, null, first);
    }

    private static List<String> faults(Rule rule, RulesPath.Changed changed) {
        List<String> faults = new ArrayList<>();
        List<Rule> known = RuleList.unreachable(changed.before());
        for (Rule unreachable : RuleList.unreachable(changed.after())) {
            if (unreachable.equals(rule) || !known.contains(unreachable)) {
                faults.add("consistency rule " + unreachable.name()
                        + " can never be reached: rules before it match every statement it is for;"
                        + " create it BEFORE them");
            }
        }
        faults.addAll(RuleFaults.of(rule));
        return faults;
    }

    private Statement.CreateRule qualified(Statement.CreateRule create) throws SQLException {
        Rule.Table table = create.rule().table();
        if (table == null || table.schema() != null) {
            return create;
        }
        Rule rule = create.rule().on(new Rule.Table(session.state().settings().schema(), table.name()));
        return new Statement.CreateRule(rule, create.replaces(), create.before(), create.text());
    }

    Result drop(Statement.DropRule drop) throws SQLException {
        DiskRoom.requireForWrite(session.state().cluster());
        session.transaction().commit();
        var unused = new RulesPath(session.catalog()).change(rules -> RuleList.without(rules, drop));
        return new Result(null, 0, null, null, null);
    }

    /** The rules in their order; executing every STATEMENT in turn makes the same rules. */
    Result show() {
        RowSet rows = new RowSet(
                "POSITION",
                "NAME",
                "TABLE",
                "OPERATION",
                "USER_TYPE",
                "LADDER",
                "FLOOR",
                "DOWNGRADE",
                "REACHABLE",
                "STATEMENT");
        List<Rule> rules = rules();
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            rows.row(
                    i + 1,
                    rule.name(),
                    tableOf(rule),
                    rule.operations().name(),
                    rule.userType(),
                    rule.using().text(),
                    textOf(rule.floor()),
                    downgradeOf(rule),
                    !RuleList.isUnreachable(rules, i),
                    SqlParser.render(rule));
        }
        return new Result(rows.resultSet(), -1, null, null, null);
    }

    private List<Rule> rules() {
        return session.state().cluster().catalog().rules();
    }

    static String tableOf(Rule rule) {
        Rule.Table table = rule.table();
        return table == null ? "*" : table.schema() + "." + table.name();
    }

    static @Nullable String textOf(@Nullable Rung rung) {
        return rung == null ? null : rung.text();
    }

    static @Nullable String downgradeOf(Rule rule) {
        Rule.Downgrade downgrade = rule.downgrade();
        return downgrade == null
                ? null
                : downgrade.to().stream().map(Rung::text).collect(Collectors.joining(", ")) + " WHEN LOAD > "
                        + downgrade.load();
    }

    /** The sources, the load they make, and each threshold of a rule. */
    Result showLoad() {
        if (!loads.isWatched()) {
            // the sampler leaves the sources alone while no rule asks
            loads.sample();
        }
        LoadMeter.View view = loads.view();
        RowSet rows = new RowSet("NAME", "VALUE", "FULL_AT", "LOAD", "SMOOTHED", "COUNTS", "DOWNGRADED", "SWITCHES");
        for (Source source : Source.values()) {
            LoadMeter.Reading reading = view.readings().get(source);
            if (reading != null) {
                rows.row(
                        source.key(),
                        reading.value(),
                        reading.full(),
                        reading.load(),
                        null,
                        reading.counts(),
                        null,
                        null);
            }
        }
        boolean any = view.thresholds().stream().anyMatch(LoadMeter.Threshold::passed);
        rows.row("load", view.load(), 1.0, view.load(), view.smoothed(), null, any, null);
        for (Rule rule : rules()) {
            addThresholds(rule, view, rows);
        }
        return new Result(rows.resultSet(), -1, null, null, null);
    }

    private static void addThresholds(Rule rule, LoadMeter.View view, RowSet rows) {
        Rule.Downgrade downgrade = rule.downgrade();
        if (downgrade == null) {
            return;
        }
        for (int place = 0; place < downgrade.to().size(); place++) {
            double above = downgrade.threshold(place);
            String name =
                    "rule " + rule.name() + " to " + downgrade.to().get(place).text();
            view.thresholds().stream()
                    .filter(threshold -> threshold.above() == above)
                    .forEach(threshold -> rows.row(
                            name,
                            view.smoothed(),
                            above,
                            null,
                            view.smoothed(),
                            null,
                            threshold.passed(),
                            threshold.switches()));
        }
    }
}
