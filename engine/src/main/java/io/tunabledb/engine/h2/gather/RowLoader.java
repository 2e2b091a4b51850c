package io.tunabledb.engine.h2.gather;

import io.tunabledb.engine.h2.codec.ResultValues;
import io.tunabledb.engine.h2.gather.change.RowOrigins;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.row.Rows;
import java.sql.SQLException;
import java.util.Arrays;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.DefaultRow;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.value.DataType;
import org.h2.value.Value;
import org.h2.value.ValueNull;

/** Puts one fragment's rows into their table, below SQL: what was not fetched is NULL. */
final class RowLoader {
    private final MVTable table;
    private final SessionLocal session;
    private final RowOrigins origins;
    private final GatherPlan.Source source;
    private final boolean isTarget;
    private final int[] places;
    private final int keyColumn;

    RowLoader(MVTable table, GatherPlan.Source source, SessionLocal session, RowOrigins origins) {
        this.table = table;
        this.source = source;
        this.session = session;
        this.origins = origins;
        isTarget = source.isTarget();
        keyColumn = keyColumn(table);
        places = source.columns().stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The column that is the row key in a shard, where rows are in its order when a statement asks for none; -1 if there is no
     * such column.
     */
    private static int keyColumn(MVTable table) {
        Index primaryKey = table.findPrimaryKey();
        if (primaryKey == null || primaryKey.getColumns().length != 1) {
            return -1;
        }
        Column column = primaryKey.getColumns()[0];
        return DataType.isNumericType(column.getType().getValueType())
                        && column.getType().getValueType() <= Value.BIGINT
                ? column.getColumnId()
                : -1;
    }

    /** Whether it is for that fragment. */
    @SuppressWarnings("ReferenceEquality") // a plan has one for each of its fragments
    boolean isOf(GatherPlan.Source other) {
        return source == other;
    }

    /** The row the result set is on, which is a shard's. */
    void add(ResultValues from, int shard) throws SQLException {
        Column[] columns = table.getColumns();
        Value[] values = new Value[columns.length];
        Arrays.fill(values, ValueNull.INSTANCE);
        int first = isTarget ? 2 : 1;
        for (int i = 0; i < places.length; i++) {
            values[places[i]] = from.get(first + i, columns[places[i]]);
        }
        Row row = table.createRow(values, DefaultRow.MEMORY_CALCULATE);
        if (keyColumn >= 0) {
            long key = values[keyColumn].getLong();
            row.setKey(key < 0 ? key : key + 1); // 0 is none
        }
        try {
            put(row);
        } catch (DbException e) {
            // shards that are read at different moments may both have a row that was moved from one to the other
            // meanwhile
            if (e.getErrorCode() != ErrorCode.DUPLICATE_KEY_1) {
                throw e;
            }
            if (isTarget) {
                origins.torn();
            }
            return;
        }
        if (isTarget) {
            origins.loaded(table, row.getKey(), shard, from.getLong(1));
        }
    }

    private void put(Row row) {
        try {
            table.addRow(session, row);
        } catch (DbException e) {
            Row other = keyColumn < 0 || e.getErrorCode() != ErrorCode.DUPLICATE_KEY_1
                    ? null
                    : Rows.find(Rows.of(table, session), row.getKey());
            if (other == null || other.getValue(keyColumn).equals(row.getValue(keyColumn))) {
                throw e;
            }
            // the last of all keys, or one that was given to it
            row.setKey(0);
            table.addRow(session, row);
        }
    }
}
