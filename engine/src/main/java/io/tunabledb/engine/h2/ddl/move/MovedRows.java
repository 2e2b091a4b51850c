package io.tunabledb.engine.h2.ddl.move;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.codec.ValueCodec;
import io.tunabledb.engine.h2.row.ChangeSet;
import io.tunabledb.engine.h2.row.Rows;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;

/**
 * Rows on their way to another shard, and where the identity column goes on, as bytes.
 *
 * <pre>
 * what = 1: rows, each 1, its row key, its values; then a 0
 * what = 2: next value of the identity column, exhausted, ascending
 * </pre>
 */
public final class MovedRows {
    private static final int ROWS = 1;
    private static final int IDENTITY = 2;

    private final ByteSink sink = new ByteSink(1 << 12);
    private int count;

    public MovedRows() {
        sink.put(ROWS);
    }

    public void add(long key, Row row) {
        sink.put(1).putVarLong(key);
        for (int i = 0; i < row.getColumnCount(); i++) {
            ValueCodec.write(sink, row.getValue(i));
        }
        count++;
    }

    public int count() {
        return count;
    }

    public int bytes() {
        return sink.size();
    }

    /** Ends the chunk; the next begins empty. */
    public byte[] take() {
        sink.put(0);
        byte[] bytes = sink.toByteArray();
        sink.clear();
        sink.put(ROWS);
        count = 0;
        return bytes;
    }

    public static byte[] encode(MovedIdentity identity) {
        return new ByteSink(16)
                .put(IDENTITY)
                .putVarLong(identity.next())
                .put(identity.isExhausted() ? 1 : 0)
                .put(identity.isAscending() ? 1 : 0)
                .toByteArray();
    }

    /** Makes a chunk what it says: rows of the table, or its identity column's position. */
    static void arrive(byte[] chunk, SessionLocal session, MVTable table) {
        ByteSource source = new ByteSource(chunk);
        if (source.get() == IDENTITY) {
            new MovedIdentity(source.getVarLong(), source.get() == 1, source.get() == 1).put(table);
            return;
        }
        while (source.get() == 1) {
            long key = source.getVarLong();
            Rows.add(table, session, Rows.create(table, ChangeSet.decodeRow(source, session, table), key));
        }
    }
}
