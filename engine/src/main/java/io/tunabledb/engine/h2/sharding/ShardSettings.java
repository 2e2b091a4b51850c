package io.tunabledb.engine.h2.sharding;

import io.tunabledb.engine.h2.internals.AllKeywords;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.jspecify.annotations.Nullable;

/** The settings that say how tables are sharded. */
public final class ShardSettings {
    /** What their names begin with; the rest is {@code SCHEMA.TABLE}. */
    public static final String PREFIX = "table.shard.";
    /** The setting by which a definition says that a table's rows move; its value is new with every move. */
    public static final String MOVED = "table.moved.";
    /**
     * The setting that keeps statements from changing a table's rows, with the number of the schema change that is at it. A
     * definition ends every freeze with the setting of this very name.
     */
    public static final String FROZEN = "table.frozen.";
    /** Which shard has which bucket. */
    private static final String BUCKETS = "buckets";

    private final Map<String, String> texts;
    private final Map<String, String> frozen;
    private final @Nullable String buckets;

    private ShardSettings(Map<String, String> texts, Map<String, String> frozen, @Nullable String buckets) {
        this.texts = texts;
        this.frozen = frozen;
        this.buckets = buckets;
    }

    public static boolean isOne(String setting) {
        return setting.startsWith(PREFIX);
    }

    /** As the session sees them. */
    public static ShardSettings read(JdbcConnection connection) throws SQLException {
        return AllKeywords.in(H2Instance.session(connection), () -> readAll(connection));
    }

    private static ShardSettings readAll(JdbcConnection connection) throws SQLException {
        Map<String, String> texts = new LinkedHashMap<>();
        Map<String, String> frozen = new HashMap<>();
        String buckets = null;
        try (PreparedStatement statement = connection.prepareStatement("SELECT NAME, \"VALUE\" FROM "
                        + ReservedNames.INTERNAL_SCHEMA + ".SETTINGS WHERE NAME = '" + BUCKETS + "' OR LOCATE('"
                        + PREFIX
                        + "', NAME) = 1 OR LOCATE('" + FROZEN + "', NAME) = 1 ORDER BY NAME");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String name = rows.getString(1);
                if (name.equals(BUCKETS)) {
                    buckets = rows.getString(2);
                } else if (name.startsWith(FROZEN)) {
                    frozen.put(name.substring(FROZEN.length()), rows.getString(2));
                } else {
                    texts.put(name.substring(PREFIX.length()), rows.getString(2));
                }
            }
        }
        return new ShardSettings(texts, frozen, buckets);
    }

    public boolean isEmpty() {
        return texts.isEmpty();
    }

    /** Whether statements may not change the table's rows just now. */
    public boolean isFrozen(MVTable table) {
        return frozen.containsKey(Tables.nameOf(table).toString());
    }

    /** Whether it is that schema change which keeps them off. */
    public boolean isFrozenBy(MVTable table, String change) {
        return change.equals(frozen.get(Tables.nameOf(table).toString()));
    }

    /** Whether a table of that name in any schema is sharded or REFERENCE; rather yes than no. */
    public boolean mayBeOf(String table) {
        return texts.keySet().stream().anyMatch(name -> name.endsWith("." + table));
    }

    @Nullable
    public String buckets() {
        return buckets;
    }

    /** The setting's text of a table; null when its rows are in shard 0. */
    @Nullable
    public String textOf(MVTable table) {
        return texts.get(Tables.nameOf(table).toString());
    }

    /** The sharded and REFERENCE tables. */
    public Map<MVTable, ShardSetting> tables(Database database) {
        Map<MVTable, ShardSetting> tables = new LinkedHashMap<>();
        if (!texts.isEmpty()) {
            for (MVTable table : Tables.replicated(database)) {
                String text = textOf(table);
                if (text != null) {
                    tables.put(table, ShardSetting.of(text, table));
                }
            }
        }
        return tables;
    }
}
