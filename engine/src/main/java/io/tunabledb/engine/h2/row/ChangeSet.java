package io.tunabledb.engine.h2.row;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.codec.ValueCodec;
import io.tunabledb.engine.h2.row.NetEffects.RowEffect;
import io.tunabledb.engine.h2.row.NetEffects.TableEffects;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

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
public final class ChangeSet {
    private static final int VERSION = 1;
    private static final int DELETE = 1;
    private static final int INSERT = 2;
    private static final int UPDATE = 3;

    private ChangeSet() {}

    public static byte[] encode(List<TableEffects> tables, Sequences.Capture sequences) {
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

    public static void encode(ByteSink sink, Sequences.Position position) {
        sink.putString(position.name().schema());
        sink.putString(position.name().table());
        sink.putString(position.name().name());
        sink.putVarLong(position.next()).put(position.exhausted() ? 1 : 0);
    }

    public static Sequences.Position decodePosition(ByteSource source) {
        SequenceName name = new SequenceName(source.getString(), source.getString(), source.getString());
        return new Sequences.Position(name, source.getVarLong(), source.get() == 1);
    }

    /** A change set read back against the rows it changes. */
    public record Decoded(List<TableEffects> tables, Sequences.Capture sequences) {}

    /** Where the row before a change comes from. */
    @FunctionalInterface
    interface Before {
        /** The row with that key, or null. */
        @Nullable
        Row find(MVTable table, TransactionMap<Long, SearchRow> rows, long key);
    }

    /**
     * Applies the row effects inside the session's transaction.
     *
     * @return the sequence positions the change set carries
     * @throws RuntimeException a table or row is not as the change set expects it: this replica's state is broken
     */
    public static Sequences.Capture apply(byte[] changes, SessionLocal session, Tables tables) {
        Decoded decoded = decode(changes, session, tables);
        for (TableEffects effects : decoded.tables) {
            write(session, effects);
        }
        return decoded.sequences;
    }

    /** Reads a change set whose rows are as it expects them. */
    public static Decoded decode(byte[] changes, SessionLocal session, Tables tables) {
        return decode(changes, session, tables, (table, rows, key) -> Rows.find(rows, key));
    }

    /**
     * Reads a change set.
     *
     * @throws RuntimeException a table or row is not as the change set expects it
     */
    static Decoded decode(byte[] changes, SessionLocal session, Tables tables, Before before) {
        ByteSource source = new ByteSource(changes);
        int version = source.get();
        if (version != VERSION) {
            throw new IllegalStateException("a change set of format version " + version + "; known is " + VERSION);
        }
        int count = source.getCount();
        List<TableEffects> effects = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            effects.add(decodeTable(source, session, tables, before));
        }
        long stamp = source.getVarLong();
        int moved = source.getCount();
        List<Sequences.Position> positions = new ArrayList<>(moved);
        for (int i = 0; i < moved; i++) {
            positions.add(decodePosition(source));
        }
        return new Decoded(effects, new Sequences.Capture(stamp, positions));
    }

    private static TableEffects decodeTable(ByteSource source, SessionLocal session, Tables tables, Before before) {
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
        TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
        int count = source.getCount();
        List<RowEffect> effects = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int what = source.get();
            long key = source.getVarLong();
            if (what == INSERT) {
                effects.add(new RowEffect(key, null, Rows.create(table, decodeRow(source, session, table), key)));
                continue;
            }
            Row old = before.find(table, rows, key);
            if (old == null) {
                throw new IllegalStateException("no row " + key + " in " + name + " here, but the log changes it");
            }
            switch (what) {
                case DELETE -> effects.add(new RowEffect(key, old, null));
                case UPDATE ->
                    effects.add(new RowEffect(
                            key, old, Rows.create(table, decodeUpdate(source, session, table, old), key)));
                default -> throw new IllegalStateException("an unknown row effect: " + what);
            }
        }
        return new TableEffects(table, effects);
    }

    /** Makes the changes of one table: deletes, then updates, then inserts. */
    public static void write(SessionLocal session, TableEffects effects) {
        for (RowEffect effect : writeGuarded(session, effects)) {
            IndexEntries.settle(
                    session,
                    effects.table(),
                    Objects.requireNonNull(effect.before()),
                    Objects.requireNonNull(effect.after()));
        }
    }

    /**
     * The same, where what stands behind the changes of the table is called afterwards.
     *
     * @return the updates
     */
    static List<RowEffect> writeGuarded(SessionLocal session, TableEffects effects) {
        MVTable table = effects.table();
        List<RowEffect> updates = new ArrayList<>();
        for (RowEffect effect : effects.rows()) {
            Row old = effect.before();
            if (old != null && effect.after() == null) {
                table.removeRow(session, old);
            } else if (old != null) {
                updates.add(effect);
            }
        }
        update(session, table, updates);
        for (RowEffect effect : effects.rows()) {
            if (effect.before() == null) {
                Rows.add(table, session, Objects.requireNonNull(effect.after()));
            }
        }
        return updates;
    }

    /** Takes all old rows out of the secondary indexes before new ones go in: unique values may change places. */
    private static void update(SessionLocal session, MVTable table, List<RowEffect> updates) {
        if (updates.isEmpty()) {
            return;
        }
        if (updates.size() == 1) {
            table.updateRow(session, updates.get(0).before(), updates.get(0).after());
            return;
        }
        session.registerTableAsUpdated(table);
        List<Index> indexes = table.getIndexes();
        for (RowEffect update : updates) {
            for (Index index : indexes) {
                if (!index.areRowsEquivalent(update.before(), update.after())) {
                    index.remove(session, update.before());
                } else if (index.isRowIdIndex()) {
                    index.update(session, update.before(), update.after());
                }
            }
        }
        for (RowEffect update : updates) {
            for (Index index : indexes) {
                if (!index.areRowsEquivalent(update.before(), update.after())) {
                    index.add(session, update.after());
                }
            }
        }
    }

    public static Value[] decodeRow(ByteSource source, SessionLocal session, MVTable table) {
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
