package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.h2.codec.ResultCodec;
import io.tunabledb.engine.shard.log.Outcome;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one execution gave on storage, before its commit.
 *
 * @param count rows changed; -1 when it gave rows
 * @param keys the generated keys, encoded; empty when none were asked for
 */
public record Executed(@Nullable ResultSet rows, long count, byte[] keys) {
    public static final byte[] NO_KEYS = {};

    /** An element of a batch that failed. */
    public static final Executed FAILED = new Executed(null, Statement.EXECUTE_FAILED, NO_KEYS);

    /** The next execution of the same statement closes storage's own keys, so callers get a copy. */
    @Nullable
    public ResultSet keyRows() {
        return keys.length == 0 ? null : ResultCodec.decode(keys);
    }

    /** The answer that is kept in the log with the entry. */
    public static Outcome outcome(List<Executed> executed) {
        long[] counts = new long[executed.size()];
        byte[][] keys = new byte[executed.size()][];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = executed.get(i).count();
            keys[i] = executed.get(i).keys();
        }
        return new Outcome(counts, keys, null);
    }
}
