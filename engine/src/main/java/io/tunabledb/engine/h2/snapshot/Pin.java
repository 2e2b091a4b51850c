package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.catalog.Ledger;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.codec.RowHash;
import io.tunabledb.engine.h2.codec.ValueCodec;
import io.tunabledb.engine.h2.internals.H2Instance;
import io.tunabledb.engine.h2.row.ChangeSet;
import io.tunabledb.engine.h2.row.Rows;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.ReservedNames;
import io.tunabledb.engine.h2.sql.TableName;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.h2.engine.Constants;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * One moment of a replica, between two entries, held while the replica goes on: to be written as a snapshot, or to be
 * compared with other replicas' at the same index. Its methods are for one thread, any thread. Holding it keeps old row
 * versions in memory.
 */
public final class Pin implements AutoCloseable {
    static final int FORMAT_VERSION = 1;
    private static final int BLOCK_BYTES = 1 << 18;
    /** A row's objects, beside its values. */
    private static final int ROW_BYTES = 150;

    private final JdbcConnection connection;
    private final SessionLocal session;
    private final long term;
    private final long index;
    private final SchemaScript script;
    private final List<PinnedTable> tables = new ArrayList<>();
    private final List<Sequences.Kept> sequences;
    private final List<LedgerRow> ledger;
    private final Database database;
    private final long schemaVersion;
    private @Nullable SchemaFacts facts;
    private final Map<TableName, String> written = new HashMap<>();
    private long writtenBytes;

    /** A table as it was; a later definition may rename or drop it. */
    private record PinnedTable(
            TableName name, List<String> columns, boolean keyed, TransactionMap<Long, SearchRow> rows) {}

    /** Pins what {@code connection} sees, between two entries; closed with it. */
    public Pin(JdbcConnection connection, Ledger ledger, Sequences sequences) throws SQLException {
        this.connection = connection;
        session = H2Instance.session(connection);
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1"); // the first statement fixes what the transaction sees
        }
        term = ledger.term();
        index = ledger.index();
        database = session.getDatabase();
        script = SchemaScript.of(database);
        for (MVTable table : Tables.replicated(database)) {
            TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
            tables.add(
                    new PinnedTable(Tables.nameOf(table), RowHash.columnsOf(table), SchemaScript.isKeyed(table), rows));
        }
        this.sequences = sequences.kept();
        this.ledger = ledger.kept();
        schemaVersion = database.getModificationMetaId();
    }

    /**
     * Looks at the schema as users see it, so that it can be compared with that of a snapshot which is read back. That takes
     * too long for the apply thread; so if a definition has come since, there is nothing to be seen any more, and the
     * comparison has to do with the script.
     */
    public void noteSchema() throws SQLException {
        SchemaFacts seen;
        try {
            seen = SchemaFacts.of(connection);
        } catch (SQLException e) {
            if (database.getModificationMetaId() == schemaVersion) {
                throw e;
            }
            return;
        }
        facts = database.getModificationMetaId() == schemaVersion ? seen : null;
    }

    /** The last entry whose effects are in it; 0 before the first. */
    public long index() {
        return index;
    }

    /** That entry's term. */
    public long term() {
        return term;
    }

    /** Writes a snapshot that {@link Storage#load} reads. Does not close the stream. */
    public void writeTo(OutputStream out) throws IOException {
        write(out, name -> true, ledger);
    }

    /** Writes a snapshot of the schema and the settings, with the rows of a few tables. */
    public void writeTrialTo(OutputStream out, Set<TableName> withRows) throws IOException {
        write(out, name -> name.equals(ReservedNames.SETTINGS) || withRows.contains(name), List.of());
    }

    private void write(OutputStream out, Predicate<TableName> withRows, List<LedgerRow> answers) throws IOException {
        try (SnapshotBlock.Writer writer = new SnapshotBlock.Writer(out)) {
            ByteSink sink = new ByteSink(BLOCK_BYTES);
            writeHeader(sink);
            writer.write(SnapshotBlock.HEADER, sink);
            for (int i = 0; i < tables.size(); i++) {
                if (withRows.test(tables.get(i).name())) {
                    writeRows(i, writer, sink);
                }
            }
            sink.clear();
            writeTail(sink, answers);
            writer.write(SnapshotBlock.TAIL, sink);
            writer.end();
        }
    }

    private void writeHeader(ByteSink sink) {
        sink.clear();
        sink.putVarInt(FORMAT_VERSION).putVarLong(term).putVarLong(index);
        writeScript(sink, script.before());
        sink.putVarInt(tables.size());
        for (PinnedTable table : tables) {
            sink.putString(table.name().schema()).putString(table.name().name());
            sink.putVarInt(table.columns().size()).put(table.keyed() ? 1 : 0);
        }
    }

    private static void writeScript(ByteSink sink, List<String> statements) {
        sink.putVarInt(statements.size());
        statements.forEach(sink::putString);
    }

    /** A block: the table's number, then a 1 and a row as often as there is one, then a 0. */
    private void writeRows(int table, SnapshotBlock.Writer writer, ByteSink sink) throws IOException {
        RowHash hash = new RowHash(tables.get(table).columns());
        var rows = tables.get(table).rows().entryIterator(null, null, false);
        var entry = rows.fetchNext();
        while (entry != null) {
            sink.clear();
            sink.putVarInt(table);
            long lastKey = 0;
            while (entry != null && sink.size() < BLOCK_BYTES) {
                long key = entry.getKey();
                sink.put(1).putVarLong(key - lastKey);
                lastKey = key;
                int start = sink.size();
                for (Value value : ((Row) entry.getValue()).getValueList()) {
                    ValueCodec.write(sink, value);
                }
                hash.add(key, sink.array(), start, sink.size());
                writtenBytes += sink.size() - start + ROW_BYTES;
                entry = rows.fetchNext();
            }
            sink.put(0);
            writer.write(SnapshotBlock.ROWS, sink);
        }
        written.put(tables.get(table).name(), hash.hex());
    }

    private void writeTail(ByteSink sink, List<LedgerRow> answers) {
        writeScript(sink, script.after());
        sink.putVarInt(sequences.size());
        for (Sequences.Kept kept : sequences) {
            ChangeSet.encode(sink, kept.position());
            sink.putVarLong(kept.term()).putVarLong(kept.stamp());
        }
        sink.putVarInt(answers.size());
        answers.forEach(row -> row.writeTo(sink));
    }

    /**
     * Hashes rows and their row keys. Replicas at the same index have the same.
     *
     * @param schema null for all
     * @param table null for all
     * @return by {@code SCHEMA.NAME}, in order of name
     */
    public Map<String, String> hashes(@Nullable String schema, @Nullable String table) {
        Map<String, String> hashes = new TreeMap<>();
        for (PinnedTable pinned : tables) {
            TableName name = pinned.name();
            if ((schema == null || schema.equals(name.schema())) && (table == null || table.equals(name.name()))) {
                hashes.put(name.toString(), hash(pinned));
            }
        }
        return hashes;
    }

    public Map<TableName, String> tableHashes() {
        Map<TableName, String> hashes = new HashMap<>();
        tables.forEach(table -> hashes.put(table.name(), hash(table)));
        return hashes;
    }

    private static String hash(PinnedTable table) {
        RowHash hash = new RowHash(table.columns());
        var rows = table.rows().entryIterator(null, null, false);
        for (var entry = rows.fetchNext(); entry != null; entry = rows.fetchNext()) {
            hash.add(entry.getKey(), ((Row) entry.getValue()).getValueList());
        }
        return hash.hex();
    }

    /** What a snapshot that was written has to read back as. */
    public SnapshotContent content() {
        return new SnapshotContent(term, index, Map.copyOf(written), script, facts, new HashSet<>(sequences), ledger);
    }

    /** About how much heap the rows written take. */
    public long writtenBytes() {
        return writtenBytes;
    }

    /** Lets go of the moment. */
    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("can't close an H2 session", e);
        }
    }
}
