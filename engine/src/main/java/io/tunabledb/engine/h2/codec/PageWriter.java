package io.tunabledb.engine.h2.codec;

import io.tunabledb.engine.codec.ByteSink;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.h2.jdbc.JdbcResultSet;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.value.TypeInfo;
import org.h2.value.Value;

/**
 * A result set as bytes, a page at a time: what its columns are, then rows. {@link PagedRows} reads it. Large objects carry their
 * content.
 */
public final class PageWriter {
    static final int ROW = 1;
    static final int END = 0;

    private final ResultInterface rows;
    private final String catalog;
    private final TypeInfo[] types;
    private boolean isBegun;

    /** The rest of a result set. */
    public PageWriter(ResultSet rows) throws SQLException {
        this.rows = rows.unwrap(JdbcResultSet.class).getResult();
        this.catalog = rows.getStatement().getConnection().getCatalog();
        this.types = new TypeInfo[this.rows.getVisibleColumnCount()];
        for (int i = 0; i < types.length; i++) {
            types[i] = this.rows.getColumnType(i);
        }
    }

    /** Whether there are no more rows. */
    public boolean isAtEnd() {
        return !rows.hasNext();
    }

    /** So many bytes of rows, and what the last of them needs more: at least one row, if there is one. */
    public byte[] next(int bytes) throws SQLException {
        ByteSink sink = new ByteSink(256);
        try {
            if (!isBegun) {
                isBegun = true;
                header(sink);
            }
            do {
                if (!rows.next()) {
                    break;
                }
                row(sink.put(ROW));
            } while (sink.size() < bytes);
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        }
        return sink.put(END).toByteArray();
    }

    private void header(ByteSink sink) {
        sink.putString(catalog).putVarInt(types.length);
        for (int i = 0; i < types.length; i++) {
            sink.putString(rows.getAlias(i));
            putName(sink, rows.getSchemaName(i));
            putName(sink, rows.getTableName(i));
            putName(sink, rows.getColumnName(i));
            TypeCodec.write(sink, types[i]);
            sink.put(rows.isIdentity(i) ? 1 : 0).put(rows.getNullable(i));
        }
    }

    private static void putName(ByteSink sink, String name) {
        sink.put(name == null ? 0 : 1);
        if (name != null) {
            sink.putString(name);
        }
    }

    private void row(ByteSink sink) {
        Value[] row = rows.currentRow();
        for (int i = 0; i < types.length; i++) {
            PageValues.write(sink, row[i], types[i]);
        }
    }
}
