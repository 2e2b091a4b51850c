package io.tunabledb.engine.plan;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.access.Accounts;
import io.tunabledb.engine.plan.placement.BucketMap;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.engine.plan.rule.RuleSettings;
import io.tunabledb.sql.SqlParser;
import io.tunabledb.sql.SqlSyntaxException;
import io.tunabledb.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the database's definitions say beyond H2's own schema, as of one log index: each table's own consistency, and the
 * consistency rules. A value; a change makes a new one.
 *
 * @param version the log index it is as of; a higher one replaces a lower
 * @param tables by {@code SCHEMA.TABLE}
 * @param rules in their order, the tables under their full names
 * @param views the tables behind each view and synonym, by {@code SCHEMA.VIEW}
 * @param drawing the views, {@code SCHEMA.VIEW}, that take values of sequences or ask what was taken
 * @param shardings where the rows of tables are, by {@code SCHEMA.TABLE}; tables that say nothing are left out
 * @param columns the columns of sharded tables that an INSERT without columns fills, in order, by {@code SCHEMA.TABLE}
 * @param buckets which shard has which bucket of shard keys
 * @param placed the settings that say where tables are and when they came there, as they stand in storage; their names are
 *     those of {@link #place}
 * @param effects what a change of tables, and a domain, does to other tables
 * @param accounts who may do what
 */
public record Catalog(
        long version,
        Map<String, TableConsistency> tables,
        List<Rule> rules,
        Map<String, List<Rule.Table>> views,
        Set<String> drawing,
        Map<String, Sharding> shardings,
        Map<String, List<String>> columns,
        BucketMap buckets,
        Map<String, String> placed,
        TableEffects effects,
        Accounts accounts) {

    /** Before any definition. */
    public static final Catalog EMPTY = new Catalog(0, Map.of());

    private static final String READ = "table.read.";
    private static final String WRITE = "table.write.";
    private static final String VIEW = "view.";
    private static final String DRAWING = "drawing.";
    private static final String SHARD = "table.shard.";
    private static final String COLUMNS = "columns.";
    private static final String BUCKETS = "buckets";
    private static final String MOVED = "table.moved.";
    private static final String FROZEN = "table.frozen.";

    public Catalog {
        tables = Map.copyOf(tables);
        rules = List.copyOf(rules);
        views = Map.copyOf(views);
        drawing = Set.copyOf(drawing);
        shardings = Map.copyOf(shardings);
        columns = Map.copyOf(columns);
        placed = Map.copyOf(placed);
    }

    /** Without views, all tables in the one shard. */
    public Catalog(long version, Map<String, TableConsistency> tables, List<Rule> rules) {
        this(
                version,
                tables,
                rules,
                Map.of(),
                Set.of(),
                Map.of(),
                Map.of(),
                BucketMap.even(1),
                Map.of(),
                TableEffects.NONE,
                Accounts.NONE);
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

    /** The setting's name under which is kept where a table's rows are. */
    public static String shardSetting(String schema, String table) {
        return SHARD + schema + "." + table;
    }

    /**
     * The names of the settings that say where a table is.
     *
     * @param sharding how it is sharded
     * @param moved which move brought it there; another one after each
     * @param frozen that a schema change over all shards is at it
     */
    public record Place(String sharding, String moved, String frozen) {}

    /** Those of one table. */
    public static Place place(String schema, String table) {
        String name = schema + "." + table;
        return new Place(SHARD + name, MOVED + name, FROZEN + name);
    }

    /** The setting that ends every freeze, when it is put empty. */
    public static String thawSetting() {
        return FROZEN;
    }

    /** As {@link #of(long, Map, int)} of a database with one shard. */
    public static Catalog of(long version, Map<String, String> settings) {
        return of(version, settings, 1);
    }

    /**
     * Reads the settings as they stand in storage.
     *
     * @param shards how many shards the database has
     * @throws IllegalStateException when one can't be read
     */
    public static Catalog of(long version, Map<String, String> settings, int shards) {
        Map<String, Sharding> shardings = new HashMap<>();
        Map<String, List<String>> columns = new HashMap<>();
        Map<String, Ladder> reads = new HashMap<>();
        Map<String, Ladder> writes = new HashMap<>();
        Map<String, List<Rule.Table>> views = new HashMap<>();
        Set<String> drawing = new HashSet<>();
        Map<String, String> placed = new HashMap<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(SHARD) || name.startsWith(MOVED)) {
                placed.put(name, value);
            }
            if (name.startsWith(READ)) {
                reads.put(name.substring(READ.length()), ladder(name, value));
            } else if (name.startsWith(WRITE)) {
                writes.put(name.substring(WRITE.length()), ladder(name, value));
            } else if (name.startsWith(VIEW)) {
                views.put(name.substring(VIEW.length()), behind(value));
            } else if (name.startsWith(DRAWING)) {
                drawing.add(name.substring(DRAWING.length()));
            } else if (name.startsWith(SHARD)) {
                shardings.put(name.substring(SHARD.length()), readSharding(name, value));
            } else if (name.startsWith(COLUMNS)) {
                columns.put(
                        name.substring(COLUMNS.length()),
                        value.lines().map(Catalog::unescaped).toList());
            }
        });
        Map<String, TableConsistency> tables = new HashMap<>();
        reads.forEach((table, read) -> tables.put(table, new TableConsistency(read, writes.get(table))));
        writes.forEach((table, write) -> tables.putIfAbsent(table, new TableConsistency(null, write)));
        return new Catalog(
                version,
                tables,
                RuleSettings.read(settings),
                views,
                drawing,
                shardings,
                columns,
                buckets(settings.get(BUCKETS), shards),
                placed,
                TableEffects.of(settings),
                Accounts.of(settings));
    }

    private static BucketMap buckets(@Nullable String value, int shards) {
        try {
            return value == null ? BucketMap.even(shards) : BucketMap.parse(value, shards);
        } catch (IllegalArgumentException e) {
            throw unreadable(BUCKETS, String.valueOf(value), e);
        }
    }

    private static Sharding readSharding(String name, String value) {
        try {
            return Sharding.parse(value);
        } catch (IllegalArgumentException e) {
            throw unreadable(name, value, e);
        }
    }

    private static List<Rule.Table> behind(String lines) {
        return lines.lines().map(Catalog::listed).toList();
    }

    /** A table as it stands in a list, schema and name. */
    static Rule.Table listed(String line) {
        String[] table = line.split("\t", 2);
        return new Rule.Table(unescaped(table[0]), unescaped(table[1]));
    }

    /** A name may have lines and tabs; where several stand in one value they are escaped. */
    private static String unescaped(String name) {
        return name.translateEscapes();
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
        return new Plan(
                plan.kind(), plan.operation(), plan.shards(), tables, plan.definesEverywhere(), plan.placement());
    }

    /**
     * The tables that a statement reads and changes without naming them, or a view over them: what the definitions of those
     * it changes make of that. None that it names to the same end.
     */
    public List<Touched> hidden(Plan plan) {
        if (effects.changes().isEmpty() || plan.kind() == Plan.Kind.DEFINE) {
            return List.of();
        }
        List<Plan.Table> named = withoutViews(plan).tables();
        Set<Touched> hidden = new LinkedHashSet<>();
        for (Plan.Table table : named) {
            if (table.use() == Statement.Use.WRITE) {
                hidden.addAll(effects.of(table, plan.operation()));
            }
        }
        hidden.removeIf(touched -> named.stream().anyMatch(table -> touched.isAlready(table, plan.operation())));
        return List.copyOf(hidden);
    }

    /** Whether a name means what H2 has under it where no table is called so. */
    public boolean isBuiltIn(Statement.TableUse use, String schema) {
        String in = Objects.requireNonNullElse(use.schema(), schema);
        return use.name().equals(SystemTables.DUAL)
                && (use.schema() == null || in.equals(SystemTables.SCHEMA_OF_DUAL))
                && !effects.named().contains(in + "." + use.name());
    }

    /** For a session that has a table called so for itself. */
    public Catalog naming(String table) {
        return new Catalog(
                version,
                tables,
                rules,
                views,
                drawing,
                shardings,
                columns,
                buckets,
                placed,
                effects.naming(table),
                accounts);
    }

    /**
     * Where a table's rows are. What the engine shows of itself and of the schema is known without a setting.
     *
     * @param schema as storage spells it
     * @param table likewise
     */
    public Sharding sharding(String schema, String table) {
        Sharding own = SystemTables.sharding(schema, table);
        return own != null ? own : shardings.getOrDefault(schema + "." + table, Sharding.SINGLE);
    }

    /** The table that a change of {@code table} changes, which may be a synonym. */
    Plan.Table withoutSynonym(Plan.Table table) {
        List<Rule.Table> behind = views.getOrDefault(table.toString(), List.of());
        if (behind.size() != 1) {
            return table;
        }
        Rule.Table one = behind.get(0);
        return new Plan.Table(Objects.requireNonNull(one.schema()), one.name(), table.use());
    }

    /** What a table says for itself, or null. */
    public @Nullable TableConsistency of(String schema, String table) {
        return tables.get(schema + "." + table);
    }

    private static Ladder ladder(String name, String value) {
        try {
            return SqlParser.parseLadder(value);
        } catch (SqlSyntaxException e) {
            throw unreadable(name, value, e);
        }
    }

    private static IllegalStateException unreadable(String name, String value, Exception cause) {
        return new IllegalStateException("catalog setting " + name + " = '" + value + "' can't be read", cause);
    }
}
