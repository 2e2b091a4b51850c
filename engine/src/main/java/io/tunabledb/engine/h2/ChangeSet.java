package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.NetEffects.RowEffect;
import io.tunabledb.engine.h2.NetEffects.TableEffects;
import java.util.ArrayList;
import java.util.List;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.value.Value;

/**
 * The net effects of one transaction as bytes, and their application elsewhere.
 *
 * <pre>
 * version
 * tables: count × (schema, table, columns, rows: count × (what, key, values))
 *   what = delete: nothing; insert: every value; update: a bit per column, then the values of the columns with a 1
 * sequences: stamp, count × (schema, table or "", name, next value, exhausted)
 * </pre>
 *
 * <p>Row keys are H2's and the same on all replicas, which makes tables without a primary key no special case. Applying
 * checks no constraint and fires no trigger: the leader has done so.
 */
final class ChangeSet {
    private static final int VERSION = 1;
    private static final int DELETE = 1;
    private static final int INSERT = 2;
    private static final int UPDATE = 3;

    private ChangeSet() {}

    static byte[] encode(List<TableEffects> tables, Sequences.Capture sequences) {
        ByteSink sink = new ByteSink(128);
        sink.put(VERSION).putVarInt(tables.size());
        for (TableEffects effects : tables) {
            MVTable table = effects.table();
            sink.putString(table.getSchema().getName()).putString(table.getName());
            sink.putVarInt(table.getColumns().length).putVarInt(effects.rows().size());
            for (RowEffect row : effects.rows()) {
                encode(sink, row);
            }
        }
        encode(sink, sequences);
        return sink.toByteArray();
    }

    private static void encode(ByteSink sink, RowEffect effect) {
        Row before = effect.before();
        Row after = effect.after();
        if (after == null) {
            sink.put(DELETE).putVarLong(effect.key());
        } else if (before == null) {
            sink.put(INSERT).putVarLong(effect.key());
            for (int i = 0; i < after.getColumnCount(); i++) {
                ValueCodec.write(sink, after.getValue(i));
            }
        } else {
            sink.put(UPDATE).putVarLong(effect.key());
            encodeUpdate(sink, before, after);
        }
    }

    private static void encodeUpdate(ByteSink sink, Row before, Row after) {
        int columns = after.getColumnCount();
        byte[] changed = new byte[(columns + 7) / 8];
        for (int i = 0; i < columns; i++) {
            if (!NetEffects.same(before.getValue(i), after.getValue(i))) {
                changed[i / 8] |= (byte) (1 << i % 8);
            }
        }
        sink.putRaw(changed, 0, changed.length);
        for (int i = 0; i < columns; i++) {
            if ((changed[i / 8] >> i % 8 & 1) != 0) {
                ValueCodec.write(sink, after.getValue(i));
            }
        }
    }

    private static void encode(ByteSink sink, Sequences.Capture capture) {
        sink.putVarLong(capture.stamp()).putVarInt(capture.positions().size());
        for (Sequences.Position position : capture.positions()) {
            encode(sink, position);
        }
    }

    static void encode(ByteSink sink, Sequences.Position position) {
        sink.putString(position.name().schema());
        sink.putString(position.name().table());
        sink.putString(position.name().name());
        sink.putVarLong(position.next()).put(position.exhausted() ? 1 : 0);
    }

    static Sequences.Position decodePosition(ByteSource source) {
        Sequences.Name name = new Sequences.Name(source.getString(), source.getString(), source.getString());
        return new Sequences.Position(name, source.getVarLong(), source.get() == 1);
    }

    /**
     * Applies the row effects inside the session's transaction.
     *
     * @return the sequence positions the change set carries
     * @throws RuntimeException a table or row is not as the change set expects it: this replica's state is broken
     */
    static Sequences.Capture apply(byte[] changes, SessionLocal session, Tables tables) {
        ByteSource source = new ByteSource(changes);
        int version = source.get();
        if (version != VERSION) {
            throw new IllegalStateException("a change set of format version " + version + "; known is " + VERSION);
        }
        int count = source.getCount();
        for (int i = 0; i < count; i++) {
            applyTable(source, session, tables);
        }
        long stamp = source.getVarLong();
        int moved = source.getCount();
        List<Sequences.Position> positions = new ArrayList<>(moved);
        for (int i = 0; i < moved; i++) {
            positions.add(decodePosition(source));
        }
        return new Sequences.Capture(stamp, positions);
    }

    private static void applyTable(ByteSource source, SessionLocal session, Tables tables) {
        TableName name = new TableName(source.getString(), source.getString());
        MVTable table = tables.find(name);
        if (table == null) {
            throw new IllegalStateException("no table " + name + " here, but the log changes its rows");
        }
        int columns = source.getVarInt();
        if (columns != table.getColumns().length) {
            throw new IllegalStateException("table " + name + " has " + table.getColumns().length
                    + " columns here, but the log changes rows of " + columns);
        }
        applyRows(source, session, table);
    }

    private static void applyRows(ByteSource source, SessionLocal session, MVTable table) {
        TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
        int count = source.getCount();
        List<Row> inserts = new ArrayList<>();
        List<Row> updates = new ArrayList<>(); // old, new, old, new, …
        for (int i = 0; i < count; i++) {
            int what = source.get();
            long key = source.getVarLong();
            switch (what) {
                case DELETE -> table.removeRow(session, existing(table, rows, key));
                case INSERT -> inserts.add(Rows.create(table, decodeRow(source, session, table), key));
                case UPDATE -> {
                    Row old = existing(table, rows, key);
                    updates.add(old);
                    updates.add(Rows.create(table, decodeUpdate(source, session, table, old), key));
                }
                default -> throw new IllegalStateException("an unknown row effect: " + what);
            }
        }
        update(session, table, updates);
        for (Row row : inserts) {
            table.addRow(session, row);
        }
    }

    /** Takes all old rows out of the secondary indexes before new ones go in: unique values may change places. */
    private static void update(SessionLocal session, MVTable table, List<Row> updates) {
        if (updates.isEmpty()) {
            return;
        }
        if (updates.size() == 2) {
            table.updateRow(session, updates.get(0), updates.get(1));
            return;
        }
        session.registerTableAsUpdated(table);
        List<Index> indexes = table.getIndexes();
        for (int i = 0; i < updates.size(); i += 2) {
            Row old = updates.get(i);
            Row row = updates.get(i + 1);
            for (Index index : indexes) {
                if (!index.areRowsEquivalent(old, row)) {
                    index.remove(session, old);
                } else if (index.isRowIdIndex()) {
                    index.update(session, old, row);
                }
            }
        }
        for (int i = 0; i < updates.size(); i += 2) {
            Row old = updates.get(i);
            Row row = updates.get(i + 1);
            for (Index index : indexes) {
                if (!index.areRowsEquivalent(old, row)) {
                    index.add(session, row);
                }
            }
        }
    }

    private static Row existing(MVTable table, TransactionMap<Long, SearchRow> rows, long key) {
        Row row = Rows.find(rows, key);
        if (row == null) {
            throw new IllegalStateException(
                    "no row " + key + " in " + Tables.nameOf(table) + " here, but the log changes it");
        }
        return row;
    }

    static Value[] decodeRow(ByteSource source, SessionLocal session, MVTable table) {
        Column[] columns = table.getColumns();
        Value[] values = new Value[columns.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = ValueCodec.read(source, columns[i].getType(), session);
        }
        return values;
    }

    private static Value[] decodeUpdate(ByteSource source, SessionLocal session, MVTable table, Row old) {
        Column[] columns = table.getColumns();
        byte[] changed = source.getRaw((columns.length + 7) / 8);
        Value[] values = new Value[columns.length];
        for (int i = 0; i < values.length; i++) {
            boolean isNew = (changed[i / 8] >> i % 8 & 1) != 0;
            values[i] = isNew ? ValueCodec.read(source, columns[i].getType(), session) : old.getValue(i);
        }
        return values;
    }
}
