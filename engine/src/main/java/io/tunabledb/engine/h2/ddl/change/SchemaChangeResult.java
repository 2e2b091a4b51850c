package io.tunabledb.engine.h2.ddl.change;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import java.sql.SQLException;

/**
 * How a definition ended, the same on every replica.
 *
 * @param ok whether it took effect; else the error parts say why not, and nothing was changed
 * @param updateCount what JDBC's executeUpdate gives; 0 on an error
 * @param message empty when ok
 * @param sqlState empty when ok
 * @param errorCode H2's error code; 0 when ok
 */
public record SchemaChangeResult(boolean ok, long updateCount, String message, String sqlState, int errorCode) {
    private static final int VERSION = 1;

    public static SchemaChangeResult done(long updateCount) {
        return new SchemaChangeResult(true, updateCount, "", "", 0);
    }

    public static SchemaChangeResult failed(SQLException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        String state = e.getSQLState() == null ? "HY000" : e.getSQLState();
        return new SchemaChangeResult(false, 0, message, state, e.getErrorCode());
    }

    public static SchemaChangeResult refused(String message) {
        return new SchemaChangeResult(false, 0, message, "TC005", 0);
    }

    /** The result as bytes, for a ledger row. */
    public byte[] encode() {
        ByteSink sink = new ByteSink(32).put(VERSION).put(ok ? 1 : 0).putVarLong(updateCount);
        return sink.putString(message).putString(sqlState).putVarLong(errorCode).toByteArray();
    }

    /** Reads what {@link #encode} wrote. */
    public static SchemaChangeResult decode(byte[] bytes) {
        ByteSource source = new ByteSource(bytes);
        int version = source.get();
        if (version != VERSION) {
            throw new IllegalStateException("a definition's result of format version " + version);
        }
        return new SchemaChangeResult(
                source.get() == 1, source.getVarLong(), source.getString(), source.getString(), (int)
                        source.getVarLong());
    }
}
