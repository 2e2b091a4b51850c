package io.tunabledb.engine.h2;

import java.sql.SQLException;
import java.util.Arrays;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.DefaultRow;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.value.Value;
import org.h2.value.ValueNull;

/** Puts one fragment's rows of one shard into their table, below SQL: what was not fetched is NULL. */
final class RowLoader {
    private final MVTable table;
    private final SessionLocal session;
    private final RowOrigins origins;
    private final int shard;
    private final boolean isTarget;
    private final int[] places;

    RowLoader(MVTable table, GatherPlan.Source source, SessionLocal session, RowOrigins origins, int shard) {
        this.table = table;
        this.session = session;
        this.origins = origins;
        this.shard = shard;
        isTarget = source.isTarget();
        places = source.columns().stream().mapToInt(Integer::intValue).toArray();
    }

    /** The row the result set is on. */
    void add(ResultValues from) throws SQLException {
        Column[] columns = table.getColumns();
        Value[] values = new Value[columns.length];
        Arrays.fill(values, ValueNull.INSTANCE);
        int first = isTarget ? 2 : 1;
        for (int i = 0; i < places.length; i++) {
            values[places[i]] = from.get(first + i, columns[places[i]]);
        }
        Row row = table.createRow(values, DefaultRow.MEMORY_CALCULATE);
        if (isTarget) {
            table.addRow(session, row);
            origins.loaded(row.getKey(), shard, from.getLong(1));
        } else {
            addToBeRead(row);
        }
    }

    /** Shards that are read at different moments may both have a row that was moved from one to the other meanwhile. */
    private void addToBeRead(Row row) {
        try {
            table.addRow(session, row);
        } catch (DbException e) {
            if (e.getErrorCode() != ErrorCode.DUPLICATE_KEY_1) {
                throw e;
            }
        }
    }
}
