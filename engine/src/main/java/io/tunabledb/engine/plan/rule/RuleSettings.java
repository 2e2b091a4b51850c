package io.tunabledb.engine.plan.rule;

import io.tunabledb.consistency.Rule;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.SqlSyntaxException;
import io.tunabledb.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Consistency rules as settings of the replicated catalog. A rule is {@code rule.text.NAME}, its place in the order and
 * its statement; and {@code rule.table.NAME}, the table it is for, which storage changes when the table is renamed.
 * {@value #LOCK} is written by every change, so that one waits for the other.
 */
public final class RuleSettings {
    /** What the names of all these settings begin with. */
    public static final String PREFIX = "rule.";

    /** The setting every change writes first. */
    public static final String LOCK = "rule.lock";

    private static final String TEXT = "rule.text.";
    private static final String TABLE = "rule.table.";

    private RuleSettings() {}

    private record Placed(int place, Rule rule) {}

    /**
     * The rules in their order.
     *
     * @throws IllegalStateException when one can't be read
     */
    public static List<Rule> read(Map<String, String> settings) {
        List<Placed> placed = new ArrayList<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(TEXT)) {
                placed.add(placed(name, value, settings));
            }
        });
        return placed.stream()
                .sorted(Comparator.comparingInt(Placed::place))
                .map(Placed::rule)
                .toList();
    }

    /** The settings that hold these rules, all of whose tables have a schema. */
    public static Map<String, String> write(List<Rule> rules) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            settings.put(TEXT + rule.name(), i + ":" + SqlParser.render(rule));
            Rule.Table table = rule.table();
            if (table != null) {
                settings.put(TABLE + rule.name(), qualified(table));
            }
        }
        return settings;
    }

    private static Placed placed(String name, String value, Map<String, String> settings) {
        int colon = value.indexOf(':');
        try {
            int place = Integer.parseInt(value.substring(0, colon));
            Statement statement = SqlParser.parse(value.substring(colon + 1)).get(0);
            Rule rule = ((Statement.CreateRule) statement).rule();
            String table = settings.get(TABLE + rule.name());
            return new Placed(place, table == null || isOn(rule, table) ? rule : rule.on(table(table)));
        } catch (SqlSyntaxException | ClassCastException | IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalStateException("catalog setting " + name + " = '" + value + "' can't be read", e);
        }
    }

    /** Whether it is still for the table it was written for; else that table has another name now. */
    private static boolean isOn(Rule rule, String qualified) {
        Rule.Table written = rule.table();
        return written != null && qualified.equals(qualified(written));
    }

    private static String qualified(Rule.Table table) {
        return table.schema() + "." + table.name();
    }

    private static Rule.Table table(String qualified) {
        int dot = qualified.indexOf('.');
        return new Rule.Table(qualified.substring(0, dot), qualified.substring(dot + 1));
    }
}
