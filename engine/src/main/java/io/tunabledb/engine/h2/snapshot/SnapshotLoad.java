package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.codec.ByteSource;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.codec.RowHash;
import io.tunabledb.engine.h2.row.ChangeSet;
import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/** Fills a new database from a snapshot: tables, rows, then indexes and constraints. */
public final class SnapshotLoad {

    /**
     * What a snapshot holds beside tables.
     *
     * @param hashes those of the rows that were not kept, by table
     */
    public record Loaded(
            long term,
            long index,
            List<Sequences.Kept> sequences,
            List<LedgerRow> ledger,
            Map<TableName, String> hashes) {}

    private final Database database;
    private final JdbcConnection connection;
    private final SessionLocal session;
    private final boolean keepRows;
    private final List<LoadedTable> tables = new ArrayList<>();

    /**
     * A load.
     *
     * @param keepRows false to read and hash them, but for the engine's settings
     */
    public SnapshotLoad(Database database, JdbcConnection connection, SessionLocal session, boolean keepRows) {
        this.keepRows = keepRows;
        this.database = database;
        this.connection = connection;
        this.session = session;
    }

    public Loaded load(InputStream in) throws IOException {
        try (SnapshotBlock.Reader blocks = new SnapshotBlock.Reader(in)) {
            return load(blocks);
        } catch (SQLException | RuntimeException e) {
            // every block matched its checksum, so it is not damage, but it is as useless
            throw new CorruptSnapshotException("the snapshot's content can't be restored: " + e.getMessage(), e);
        }
    }

    private Loaded load(SnapshotBlock.Reader blocks) throws IOException, SQLException {
        if (blocks.next() != SnapshotBlock.HEADER) {
            throw new CorruptSnapshotException("the snapshot has no header");
        }
        ByteSource header = blocks.content();
        int version = header.getVarInt();
        if (version != Pin.FORMAT_VERSION) {
            throw new CorruptSnapshotException(
                    "a snapshot of format version " + version + "; known is " + Pin.FORMAT_VERSION);
        }
        long term = header.getVarLong();
        long index = header.getVarLong();
        readHeader(header);
        int kind = blocks.next();
        while (kind == SnapshotBlock.ROWS) {
            ByteSource rows = blocks.content();
            tables.get(rows.getVarInt()).add(rows);
            kind = blocks.next();
        }
        if (kind != SnapshotBlock.TAIL) {
            throw new CorruptSnapshotException("the snapshot has no tail");
        }
        for (LoadedTable table : tables) {
            table.finish();
        }
        session.commit(false);
        ByteSource tail = blocks.content();
        SchemaScript.execute(readScript(tail), connection);
        for (LoadedTable table : tables) {
            table.removePlaceholder();
        }
        session.commit(false);
        Loaded loaded = new Loaded(term, index, readSequences(tail), readLedger(tail), hashes());
        if (blocks.next() != SnapshotBlock.END) {
            throw new CorruptSnapshotException("the snapshot has no end");
        }
        return loaded;
    }

    private Map<TableName, String> hashes() {
        Map<TableName, String> hashes = new HashMap<>();
        if (!keepRows) {
            tables.forEach(table -> hashes.put(
                    Tables.nameOf(table.table),
                    Objects.requireNonNull(table.hash).hex()));
        }
        return hashes;
    }

    private void readHeader(ByteSource header) throws IOException, SQLException {
        SchemaScript.execute(readScript(header), connection);
        int count = header.getCount();
        for (int i = 0; i < count; i++) {
            TableName name = new TableName(header.getString(), header.getString());
            MVTable table = Tables.lookUp(database, name);
            int columns = header.getVarInt();
            boolean keyed = header.get() == 1;
            if (table == null || table.getColumns().length != columns || SchemaScript.isKeyed(table) != keyed) {
                throw new CorruptSnapshotException("table " + name + " did not come out as it was");
            }
            RowHash hash = keepRows ? null : new RowHash(RowHash.columnsOf(table));
            // what the settings say has to be done to the schema
            tables.add(new LoadedTable(table, session, hash, keepRows || name.equals(ReservedNames.SETTINGS)));
        }
    }

    private static List<String> readScript(ByteSource source) {
        int count = source.getCount();
        List<String> statements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            statements.add(source.getString());
        }
        return statements;
    }

    private static List<Sequences.Kept> readSequences(ByteSource source) {
        int count = source.getCount();
        List<Sequences.Kept> sequences = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Sequences.Position position = ChangeSet.decodePosition(source);
            sequences.add(new Sequences.Kept(position, source.getVarLong(), source.getVarLong()));
        }
        return sequences;
    }

    private static List<LedgerRow> readLedger(ByteSource source) {
        int count = source.getCount();
        List<LedgerRow> rows = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            rows.add(LedgerRow.readFrom(source));
        }
        return rows;
    }

    private static final class LoadedTable {
        private final MVTable table;
        private final SessionLocal session;
        private final @Nullable RowHash hash;
        private final boolean keep;
        private @Nullable Row last;
        private @Nullable Row placeholder;

        LoadedTable(MVTable table, SessionLocal session, @Nullable RowHash hash, boolean keep) {
            this.table = table;
            this.session = session;
            this.hash = hash;
            this.keep = keep;
        }

        void add(ByteSource source) {
            TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
            boolean bare = isBare();
            long key = 0;
            while (source.get() == 1) {
                key += source.getVarLong();
                Value[] values = ChangeSet.decodeRow(source, session, table);
                if (hash != null) {
                    hash.add(key, values);
                }
                if (!keep) {
                    continue;
                }
                Row row = Rows.create(table, values, key);
                if (bare) {
                    // straight into the rows, without undo log: nobody else is here, and a failure drops everything
                    if (last != null) {
                        rows.putCommitted(last.getKey(), last);
                    }
                    last = row;
                } else {
                    Rows.add(table, session, row);
                    placeholder = null;
                }
            }
        }

        /** Whether rows are all there is: no index of its own has to be kept. */
        private boolean isBare() {
            return table.getIndexes().stream().allMatch(index -> index.isRowIdIndex());
        }

        void finish() {
            if (last != null) {
                // the row with the highest key goes the usual way, which tells the table where new keys begin
                Rows.add(table, session, last);
                last = null;
            } else if (!SchemaScript.isKeyed(table) && table.getRowCountApproximation(session) == 0 && isBare()) {
                // an empty table would make its primary key the row key, and it was not
                Value[] nulls = new Value[table.getColumns().length];
                Arrays.fill(nulls, ValueNull.INSTANCE);
                placeholder = Rows.create(table, nulls, 1);
                table.addRow(session, placeholder);
            }
        }

        void removePlaceholder() {
            if (placeholder != null) {
                table.removeRow(session, placeholder);
            }
        }
    }
}
