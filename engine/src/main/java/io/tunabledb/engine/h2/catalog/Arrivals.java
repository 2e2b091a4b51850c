package io.tunabledb.engine.h2.catalog;

import io.tunabledb.engine.h2.ddl.move.TableMove;
import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayList;
import java.util.List;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueVarbinary;

/**
 * What other shards have sent of a table that is to be moved: replicated like everything else, and part of no table yet.
 * There is one move at a time. {@link TableMove} makes rows of it; a freeze or a thaw throws it away.
 */
public final class Arrivals {
    static final String TABLE = "ARRIVALS";
    public static final String CREATE = "CREATE TABLE " + ReservedNames.INTERNAL_SCHEMA + "." + TABLE
            + "(CHUNK BIGINT PRIMARY KEY, CONTENT VARBINARY NOT NULL)";

    private final MVTable table;

    public Arrivals(Tables tables) {
        MVTable found = tables.find(new TableName(ReservedNames.INTERNAL_SCHEMA, TABLE));
        if (found == null) {
            throw new IllegalStateException("table " + TABLE + " is missing");
        }
        table = found;
    }

    /** By a writer that runs alone. */
    public void add(SessionLocal session, long chunk, byte[] content) {
        table.lock(session, org.h2.table.Table.WRITE_LOCK);
        Value[] values = {ValueBigint.get(chunk), ValueVarbinary.getNoCopy(content)};
        table.addRow(session, Rows.create(table, values, chunk));
    }

    /** Each chunk, in order. */
    public List<byte[]> all(SessionLocal session) {
        List<byte[]> found = new ArrayList<>();
        for (Row row : rows(session)) {
            found.add(row.getValue(1).getBytesNoCopy());
        }
        return found;
    }

    public void clear(SessionLocal session) {
        for (Row row : rows(session)) {
            table.removeRow(session, row);
        }
    }

    private List<Row> rows(SessionLocal session) {
        return rows(table, session);
    }

    /** All rows of a table, with their keys, in their order. */
    public static List<Row> rows(MVTable table, SessionLocal session) {
        TransactionMap<Long, SearchRow> map = Rows.of(table, session);
        List<Row> found = new ArrayList<>();
        var entries = map.entryIterator(null, null, false);
        for (var entry = entries.fetchNext(); entry != null; entry = entries.fetchNext()) {
            Row row = (Row) entry.getValue();
            row.setKey(entry.getKey());
            found.add(row);
        }
        return found;
    }
}
