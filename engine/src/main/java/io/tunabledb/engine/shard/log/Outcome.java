package io.tunabledb.engine.shard.log;

import io.tunabledb.engine.h2.sql.SqlErrors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What the caller of an entry is answered. Kept in the ledger, replicated, so that a retry after a failover gets the
 * same answer.
 *
 * @param counts the update count of each statement of the entry
 * @param keys encoded generated keys of each statement, empty where none were asked for
 * @param error the SQL error that is the entry's result, or null
 */
public record Outcome(
        long[] counts, byte[][] keys, @Nullable Failure error) {

    /** An SQL error as a value. */
    public record Failure(String sqlState, int errorCode, String message) {
        /** The value as the exception H2 would have thrown. */
        public SQLException exception() {
            return SqlErrors.of(message, sqlState, errorCode);
        }
    }

    /** A plain commit. */
    public static final Outcome DONE = new Outcome(new long[0], new byte[0][], null);

    /** One statement's count without keys. */
    public static Outcome count(long count) {
        return new Outcome(new long[] {count}, new byte[][] {new byte[0]}, null);
    }

    /** An SQL error. */
    public static Outcome failed(Failure failure) {
        return new Outcome(new long[0], new byte[0][], failure);
    }

    /** As it is kept in the log and the ledger. */
    public byte[] encode() {
        Failure failure = error;
        if (failure == null && counts.length == 0) {
            return new byte[0];
        }
        if (failure != null) {
            byte[] text = failure.message.getBytes(StandardCharsets.UTF_8);
            byte[] state = failure.sqlState.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(1 + 4 + 4 + state.length + text.length)
                    .put((byte) 1)
                    .putInt(failure.errorCode)
                    .putInt(state.length)
                    .put(state)
                    .put(text)
                    .array();
        }
        int size = 1 + 4;
        for (byte[] key : keys) {
            size += 8 + 4 + key.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size).put((byte) 0).putInt(counts.length);
        for (int i = 0; i < counts.length; i++) {
            out.putLong(counts[i]).putInt(keys[i].length).put(keys[i]);
        }
        return out.array();
    }

    public static Outcome decode(byte[] bytes) {
        if (bytes.length == 0) {
            return DONE;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.get() == 1) {
            int code = in.getInt();
            byte[] state = new byte[in.getInt()];
            in.get(state);
            byte[] text = new byte[in.remaining()];
            in.get(text);
            return failed(new Failure(
                    new String(state, StandardCharsets.UTF_8), code, new String(text, StandardCharsets.UTF_8)));
        }
        long[] counts = new long[in.getInt()];
        byte[][] keys = new byte[counts.length][];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.getLong();
            keys[i] = new byte[in.getInt()];
            in.get(keys[i]);
        }
        return new Outcome(counts, keys, null);
    }
}
