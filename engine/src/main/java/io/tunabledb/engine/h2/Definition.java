package io.tunabledb.engine.h2;

/**
 * A statement that every replica executes: DDL, or TRUNCATE.
 *
 * @param schema the schema unqualified names belong to
 * @param timeZone the id of the zone in which values are converted, where that matters
 * @param sql one statement, without parameters
 */
public record Definition(String schema, String timeZone, String sql) {

    /** A definition whose values are converted in UTC. */
    public Definition(String schema, String sql) {
        this(schema, "UTC", sql);
    }

    /** The definition as bytes, for a log entry. */
    public byte[] encode() {
        return new ByteSink(sql.length() + 16)
                .putString(schema)
                .putString(timeZone)
                .putString(sql)
                .toByteArray();
    }

    /** Reads what {@link #encode} wrote. */
    public static Definition decode(byte[] bytes) {
        ByteSource source = new ByteSource(bytes);
        return new Definition(source.getString(), source.getString(), source.getString());
    }
}
