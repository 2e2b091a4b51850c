package io.tunabledb.engine.h2.gather.change;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.h2.codec.ResultCodec;
import io.tunabledb.engine.h2.codec.ResultValues;
import io.tunabledb.engine.h2.codec.ValueCodec;
import io.tunabledb.engine.h2.gather.plan.GatherPlan;
import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.row.Tables;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueBigint;

/**
 * Rows of one table in one shard that a gathered statement changes or locks, with the values it has found in them: a query
 * that locks just these, and whether what it gives is what was found.
 */
public final class TouchedRows {
    private final MVTable table;
    private final GatherPlan.Source source;
    private final int shard;
    private final SessionLocal session;
    private final Map<Long, Row> found = new HashMap<>();

    /** @param session has the rows */
    TouchedRows(MVTable table, GatherPlan.Source source, int shard, SessionLocal session) {
        this.table = table;
        this.source = source;
        this.shard = shard;
        this.session = session;
    }

    void add(long key, Row row) {
        found.put(key, row);
    }

    /** The shard that has them. */
    public int shard() {
        return shard;
    }

    /** The query that gives them and locks them, in the order of their keys. */
    public String sql() {
        return String.valueOf(source.byKeys());
    }

    /** Its parameters. */
    public Parameters parameters() {
        Value[] keys = found.keySet().stream().sorted().map(ValueBigint::get).toArray(Value[]::new);
        return target -> target.setObject(1, ValueArray.get(keys, ResultCodec.scratch()));
    }

    /** Whether all of them are there, as they were found. Reads the result set to its end. */
    public boolean areIn(ResultSet locked) throws SQLException {
        ResultValues from = new ResultValues(locked, session);
        Column[] columns = table.getColumns();
        int same = 0;
        try {
            while (locked.next()) {
                Row row = found.get(from.getLong(1));
                int index = 2;
                for (int id : source.columns()) {
                    if (row == null || !isSame(row.getValue(id), from.get(index++, columns[id]))) {
                        return false;
                    }
                }
                same++;
            }
        } catch (DbException e) {
            throw DbException.toSQLException(e);
        }
        return same == found.size();
    }

    private static boolean isSame(Value a, Value b) {
        return NetEffects.same(a, b) || Arrays.equals(encoded(a), encoded(b));
    }

    private static byte[] encoded(Value value) {
        ByteSink sink = new ByteSink(64);
        ValueCodec.write(sink, value);
        return sink.toByteArray();
    }

    /** All of a statement's, in the order in which every statement locks: by shard, then by table. */
    static List<TouchedRows> inOrder(List<TouchedRows> rows) {
        return rows.stream()
                .sorted((a, b) -> a.shard != b.shard
                        ? Integer.compare(a.shard, b.shard)
                        : Tables.nameOf(a.table)
                                .toString()
                                .compareTo(Tables.nameOf(b.table).toString()))
                .toList();
    }
}
