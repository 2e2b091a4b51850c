package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSink;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.value.Value;

/** The hash of one table: its columns, and its rows with their row keys, in the order of these. */
public final class RowHash {
    private static final int FLUSH_BYTES = 1 << 12;
    private static final int KEPT_BYTES = 16;

    private final MessageDigest digest = newDigest();
    private final ByteSink sink = new ByteSink(1 << 8);

    public RowHash(List<String> columns) {
        columns.forEach(sink::putString);
    }

    /** How the hash of a table sees its columns. */
    public static List<String> columnsOf(MVTable table) {
        return Stream.of(table.getColumns()).map(RowHash::columnOf).toList();
    }

    private static String columnOf(Column column) {
        return column.getName() + " " + column.getType().getTraceSQL();
    }

    public void add(long key, Value[] row) {
        sink.putVarLong(key);
        for (Value value : row) {
            ValueCodec.write(sink, value);
        }
        if (sink.size() > FLUSH_BYTES) {
            flush();
        }
    }

    /** The same for a row that is encoded already. */
    public void add(long key, byte[] bytes, int from, int to) {
        sink.putVarLong(key).putRaw(bytes, from, to - from);
        if (sink.size() > FLUSH_BYTES) {
            flush();
        }
    }

    private void flush() {
        digest.update(sink.array(), 0, sink.size());
        sink.clear();
    }

    /** The hash of what was added. Ends it. */
    public String hex() {
        flush();
        return HexFormat.of().formatHex(digest.digest(), 0, KEPT_BYTES);
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
