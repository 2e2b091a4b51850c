package io.tunabledb.engine.h2.ddl.change;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.sharding.ShardSettings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A statement that every replica executes: DDL, or TRUNCATE; and the settings that come with it, such as how the table it
 * creates is sharded. Both take effect together, or neither.
 *
 * @param schema the schema unqualified names belong to
 * @param timeZone the id of the zone in which values are converted, where that matters
 * @param sql one statement, without parameters; empty when there are only settings
 * @param settings to put beside the statement, by name; an empty one is removed. CREATE TABLE IF NOT EXISTS of a table that is there leaves that
 *     table's settings, {@code table.WHAT.SCHEMA.TABLE}, as they are. Those that {@link #under} gives are none of the database's
 */
public record SchemaChange(String schema, String timeZone, String sql, Map<String, String> settings) {

    public SchemaChange {
        settings = Map.copyOf(settings);
    }

    /** A statement alone. */
    public SchemaChange(String schema, String timeZone, String sql) {
        this(schema, timeZone, sql, Map.of());
    }

    /** A statement alone, whose values are converted in UTC. */
    public SchemaChange(String schema, String sql) {
        this(schema, "UTC", sql);
    }

    /** A statement whose values are converted in UTC, with its settings. */
    public SchemaChange(String schema, String sql, Map<String, String> settings) {
        this(schema, "UTC", sql, settings);
    }

    /** Begins the names of settings that are none of the database's, but SET statements of the session that sent it. */
    private static final String SET = "session.";

    /** What a session's SET statement adds to the settings of a definition that is executed under it. */
    public static Map<String, String> under(Map<String, String> sets) {
        Map<String, String> settings = new TreeMap<>();
        sets.forEach((name, text) -> settings.put(SET + name, text));
        return settings;
    }

    /** The SET statements it is executed under. */
    public List<String> sets() {
        return settings.entrySet().stream()
                .filter(setting -> setting.getKey().startsWith(SET))
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .toList();
    }

    /** The settings to put beside the statement. */
    public Map<String, String> beside() {
        Map<String, String> beside = new TreeMap<>(settings);
        beside.keySet().removeIf(name -> name.startsWith(SET));
        return beside;
    }

    /** Whether readers may notice it; a freeze concerns who changes rows, and nobody else. */
    public boolean concernsReaders() {
        return !sql.isEmpty()
                || !settings.keySet().stream()
                        .allMatch(name -> name.startsWith(ShardSettings.FROZEN) || name.equals(TURN));
    }

    /** The setting that keeps the newest term of the first shard in which this one was changed. */
    private static final String TURN = "schema.turn";

    /**
     * The same as part of a turn. Schema changes over shards take turns in a term of the first shard, whose next leader gives the
     * next turn whether the one before has ended or not.
     */
    public SchemaChange inTurn(long term) {
        Map<String, String> more = new TreeMap<>(settings);
        more.put(TURN, Long.toString(term));
        return new SchemaChange(schema, timeZone, sql, more);
    }

    /** Whether a change comes too late: one of a later turn was here before it. What knows no turns is never late. */
    public static boolean isOfEarlierTurn(Map<String, String> change, Map<String, String> database) {
        String late = change.get(TURN);
        String newest = database.get(TURN);
        return late != null && newest != null && Long.parseLong(late) < Long.parseLong(newest);
    }

    /** The definition as bytes. */
    public byte[] encode() {
        ByteSink sink = new ByteSink(sql.length() + 16)
                .putString(schema)
                .putString(timeZone)
                .putString(sql)
                .putVarInt(settings.size());
        new TreeMap<>(settings).forEach((name, value) -> sink.putString(name).putString(value));
        return sink.toByteArray();
    }

    /** Reads what {@link #encode} wrote. */
    public static SchemaChange decode(byte[] bytes) {
        ByteSource source = new ByteSource(bytes);
        String schema = source.getString();
        String timeZone = source.getString();
        String sql = source.getString();
        int count = source.getCount();
        Map<String, String> settings = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            settings.put(source.getString(), source.getString());
        }
        return new SchemaChange(schema, timeZone, sql, settings);
    }
}
