package io.tunabledb.engine.plan;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Rule;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.SqlSyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the database's definitions say beyond H2's own schema, as of one log index: each table's own consistency, and the
 * consistency rules. A value; a change makes a new one.
 *
 * @param version the log index it is as of; a higher one replaces a lower
 * @param tables by {@code SCHEMA.TABLE}
 * @param rules in their order, the tables under their full names
 * @param views the tables behind each view and synonym, by {@code SCHEMA.VIEW}
 */
public record Catalog(
        long version, Map<String, TableConsistency> tables, List<Rule> rules, Map<String, List<Rule.Table>> views) {

    /** Before any definition. */
    public static final Catalog EMPTY = new Catalog(0, Map.of());

    private static final String READ = "table.read.";
    private static final String WRITE = "table.write.";
    private static final String VIEW = "view.";

    public Catalog {
        tables = Map.copyOf(tables);
        rules = List.copyOf(rules);
        views = Map.copyOf(views);
    }

    /** Without views. */
    public Catalog(long version, Map<String, TableConsistency> tables, List<Rule> rules) {
        this(version, tables, rules, Map.of());
    }

    /** Without rules. */
    public Catalog(long version, Map<String, TableConsistency> tables) {
        this(version, tables, List.of());
    }

    /** A table's own ladders; null where it says nothing. */
    public record TableConsistency(
            @Nullable Ladder read, @Nullable Ladder write) {}

    /** The setting's name under which a table's ladder for reads is kept. */
    public static String readSetting(String schema, String table) {
        return READ + schema + "." + table;
    }

    /** The setting's name under which a table's ladder for writes is kept. */
    public static String writeSetting(String schema, String table) {
        return WRITE + schema + "." + table;
    }

    /**
     * Reads the settings as they stand in storage.
     *
     * @throws IllegalStateException when one can't be read
     */
    public static Catalog of(long version, Map<String, String> settings) {
        Map<String, Ladder> reads = new HashMap<>();
        Map<String, Ladder> writes = new HashMap<>();
        Map<String, List<Rule.Table>> views = new HashMap<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(READ)) {
                reads.put(name.substring(READ.length()), ladder(name, value));
            } else if (name.startsWith(WRITE)) {
                writes.put(name.substring(WRITE.length()), ladder(name, value));
            } else if (name.startsWith(VIEW)) {
                views.put(name.substring(VIEW.length()), behind(value));
            }
        });
        Map<String, TableConsistency> tables = new HashMap<>();
        reads.forEach((table, read) -> tables.put(table, new TableConsistency(read, writes.get(table))));
        writes.forEach((table, write) -> tables.putIfAbsent(table, new TableConsistency(null, write)));
        return new Catalog(version, tables, RuleSettings.read(settings), views);
    }

    private static List<Rule.Table> behind(String lines) {
        return lines.lines()
                .map(line -> line.split("\t", 2))
                .map(table -> new Rule.Table(table[0], table[1]))
                .toList();
    }

    /** The plan with the tables behind views and synonyms in their place, which is what rules and settings are for. */
    public Plan withoutViews(Plan plan) {
        if (views.isEmpty() || plan.tables().stream().noneMatch(table -> views.containsKey(table.toString()))) {
            return plan;
        }
        List<Plan.Table> tables = new ArrayList<>();
        for (Plan.Table table : plan.tables()) {
            List<Rule.Table> behind = views.get(table.toString());
            if (behind == null) {
                tables.add(table);
            } else {
                behind.forEach(one ->
                        tables.add(new Plan.Table(Objects.requireNonNull(one.schema()), one.name(), table.use())));
            }
        }
        return new Plan(plan.kind(), plan.operation(), plan.shards(), tables, plan.definesEverywhere());
    }

    /** What a table says for itself, or null. */
    public @Nullable TableConsistency of(String schema, String table) {
        return tables.get(schema.toUpperCase(Locale.ROOT) + "." + table);
    }

    private static Ladder ladder(String name, String value) {
        try {
            return SqlParser.parseLadder(value);
        } catch (SqlSyntaxException e) {
            throw new IllegalStateException("catalog setting " + name + " = '" + value + "' can't be read", e);
        }
    }
}
