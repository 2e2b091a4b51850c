package io.tunabledb.engine.h2.ddl;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.IndexEntries;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sharding.ShardKeys;
import io.tunabledb.engine.h2.sharding.ShardOf;
import io.tunabledb.engine.h2.sharding.ShardRefusedException;
import io.tunabledb.engine.h2.sharding.ShardSetting;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import io.tunabledb.engine.h2.sharding.Strides;
import io.tunabledb.engine.h2.sql.SqlTokens;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * What one shard does so that its tables are parts of greater ones: the shares of sequences ({@link Strides}), the guards
 * of shard keys ({@link ShardKeys}), and the settings that name those keys, all around one definition.
 */
public final class ShardTables {
    private final Database database;
    private final ShardOf here;
    private final Strides strides;
    private final ShardKeys keys;
    /** What takes the guards of index entries away. */
    private final List<Runnable> entryGuards = new ArrayList<>();

    public ShardTables(Database database, ShardOf here) {
        this.database = database;
        this.here = here;
        this.strides = new Strides(here);
        this.keys = new ShardKeys(here);
    }

    /**
     * What there was before a definition.
     *
     * @param untouched the sequences it does not name
     * @param increments those of the sequences it names, as declared, if they go on from where they stand
     */
    record Before(
            ShardSettings settings,
            Map<Integer, Column> keys,
            Set<Sequence> untouched,
            Map<Sequence, Long> increments) {}

    /** After a snapshot was loaded, whose sequences have their strides. */
    public void loaded(JdbcConnection connection) throws SQLException {
        guard(connection, ShardSettings.read(connection));
    }

    private void takeGuardsAway() {
        keys.takeAway();
        entryGuards.forEach(Runnable::run);
        entryGuards.clear();
    }

    private void guard(JdbcConnection connection, ShardSettings settings) {
        List<MVTable> frozen = new ArrayList<>();
        for (MVTable table : Tables.replicated(database)) {
            if (settings.isFrozen(table)) {
                frozen.add(table);
            }
        }
        takeGuardsAway();
        keys.put(H2Instance.session(connection), settings.tables(database), frozen, settings.buckets());
        IndexEntries.guard(database, entryGuards);
    }

    /**
     * Why a table can't be sharded so: it has rows, they would stay where they are, and this definition does not move them.
     * Null when it can.
     */
    @Nullable
    String rowsRefusal(SessionLocal session, ShardSettings settings, Map<String, String> brought) {
        for (MVTable table : here.isOnly() ? List.<MVTable>of() : Tables.replicated(database)) {
            String text = brought.get(ShardSettings.PREFIX + Tables.nameOf(table));
            if (text == null || table.getRowCount(session) == 0) {
                continue;
            }
            String move = brought.get(ShardSettings.MOVED + Tables.nameOf(table));
            if (move != null && settings.isFrozenBy(table, move)) {
                continue;
            }
            String now = Objects.requireNonNullElse(settings.textOf(table), ShardSetting.SINGLE);
            if (!keyName(text, table).equals(keyName(now, table))) {
                return "table " + Tables.nameOf(table) + " has " + table.getRowCount(session) + " rows in shard "
                        + here.shard() + ", which would have to move to other shards; use ALTER TABLE … SHARD BY, which"
                        + " moves them";
            }
        }
        return null;
    }

    /**
     * Why a value can't be computed from the rows of these tables, as each shard does for itself when the schema changes; null
     * when it can.
     */
    @Nullable
    String readsRefusal(ShardSettings settings, Set<MVTable> tables) {
        for (MVTable table : here.isOnly() ? Set.<MVTable>of() : tables) {
            String text = settings.textOf(table);
            if (text == null || !ShardSetting.of(text, table).isReference()) {
                return "the definition computes a value from " + Tables.nameOf(table)
                        + ", whose rows are not all in each shard, and each would have another; write the value itself"
                        + " instead";
            }
        }
        return null;
    }

    /** The shard key's name, or what there is instead of one. */
    private static String keyName(String text, MVTable table) {
        return text.equals(ShardSetting.SINGLE)
                ? text
                : String.valueOf(ShardSetting.of(text, table).column());
    }

    /** Makes everything as it was declared that the definition names. */
    Before before(JdbcConnection connection, SchemaChange definition) throws SQLException {
        takeGuardsAway();
        ShardSettings settings = ShardSettings.read(connection);
        Map<MVTable, ShardSetting> tables = settings.tables(database);
        Map<Integer, Column> columns = new HashMap<>();
        tables.forEach((table, setting) -> {
            Column column = keyOf(table, setting);
            if (column != null) {
                columns.put(table.getId(), column);
            }
        });
        Set<Sequence> untouched = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<Sequence, Long> increments = new HashMap<>();
        Set<String> named = named(definition);
        boolean restarts = SqlTokens.of(definition.sql()).stream().anyMatch(token -> token.is("RESTART"));
        shared(tables).forEach((sequence, name) -> {
            if (named.contains(name)) {
                strides.off(sequence);
                if (!restarts) {
                    increments.put(sequence, sequence.getIncrement());
                }
            } else {
                untouched.add(sequence);
            }
        });
        return new Before(settings, columns, untouched, increments);
    }

    /** The names a definition concerns, and some more. */
    private static Set<String> named(SchemaChange definition) {
        Set<String> named = new HashSet<>();
        SqlTokens.of(definition.sql()).forEach(token -> named.add(token.text()));
        for (String setting : definition.settings().keySet()) {
            String table = TableSettings.tableOf(setting);
            for (int dot = table == null ? -1 : table.indexOf('.'); table != null && dot >= 0; ) {
                named.add(table.substring(dot + 1));
                dot = table.indexOf('.', dot + 1);
            }
        }
        return named;
    }

    /** The sequences that all shards share, with the name of what a definition has to name to change them. */
    private IdentityHashMap<Sequence, String> shared(Map<MVTable, ShardSetting> tables) {
        IdentityHashMap<Sequence, String> shared = new IdentityHashMap<>();
        if (here.isOnly()) {
            return shared;
        }
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Sequence sequence : schema.getAllSequences()) {
                if (!sequence.getBelongsToTable()) {
                    shared.put(sequence, sequence.getName());
                }
            }
        }
        tables.forEach((table, setting) -> {
            for (Column column : table.getColumns()) {
                Sequence sequence = column.getSequence();
                if (sequence != null && sequence.getBelongsToTable() && !setting.isReference()) {
                    shared.put(sequence, table.getName());
                }
            }
        });
        return shared;
    }

    /**
     * Makes the shard key of each table that the settings shard NOT NULL.
     *
     * @throws SQLException there are rows without one
     */
    void requireKeys(JdbcConnection connection, Map<String, String> brought) throws SQLException {
        List<String> statements = new ArrayList<>();
        for (MVTable table : Tables.replicated(database)) {
            String text = brought.get(ShardSettings.PREFIX + Tables.nameOf(table));
            Column column = text == null || text.equals(ShardSetting.SINGLE)
                    ? null
                    : keyOf(table, ShardSetting.of(text, table));
            if (column != null && column.isNullable()) {
                statements.add(
                        "ALTER TABLE " + table.getSQL(0) + " ALTER COLUMN " + column.getSQL(0) + " SET NOT NULL");
            }
        }
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /**
     * Settles what a definition came to; its own settings are already put.
     *
     * @throws ShardRefusedException when it can't be carried out over shards
     */
    void after(JdbcConnection connection, Before before) throws SQLException {
        settle(connection, ShardSettings.read(connection), before.keys());
        ShardSettings settings = ShardSettings.read(connection);
        Map<MVTable, ShardSetting> tables = settings.tables(database);
        for (Sequence sequence : shared(tables).keySet()) {
            if (!before.untouched().contains(sequence)) {
                strides.on(sequence, before.increments().getOrDefault(sequence, sequence.getIncrement()));
            }
        }
        guard(connection, settings);
    }

    /** Lets the settings follow a renamed shard key, and gives them its type. */
    private void settle(JdbcConnection connection, ShardSettings settings, Map<Integer, Column> keysBefore)
            throws SQLException {
        for (MVTable table : Tables.replicated(database)) {
            String text = settings.textOf(table);
            if (text == null) {
                continue;
            }
            String name = ShardSettings.PREFIX + Tables.nameOf(table);
            if (text.equals(ShardSetting.SINGLE)) {
                TableSettings.remove(connection, name);
                continue;
            }
            ShardSetting setting = ShardSetting.of(text, table);
            Column old = keysBefore.get(table.getId());
            if (old != null && !setting.isReference() && keyOf(table, setting) == null && isOf(table, old)) {
                setting = new ShardSetting(old.getName(), ShardSetting.typeOf(old));
            }
            if (!setting.text().equals(text)) {
                TableSettings.put(connection, name, setting.text());
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // a renamed column stays the object it was; others are equal by name
    private static boolean isOf(MVTable table, Column column) {
        return table.findColumn(column.getName()) == column;
    }

    private static @Nullable Column keyOf(MVTable table, ShardSetting setting) {
        String key = setting.column();
        return key == null ? null : table.findColumn(key);
    }
}
