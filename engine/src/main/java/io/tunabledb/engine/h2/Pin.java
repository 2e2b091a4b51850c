package io.tunabledb.engine.h2;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.h2.engine.Constants;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * One moment of a replica, between two entries, held while the replica goes on: to be written as a snapshot, or to be
 * compared with other replicas' at the same index. Its methods are for one thread, any thread. Holding it keeps old row
 * versions in memory.
 */
public final class Pin implements AutoCloseable {
    static final int FORMAT_VERSION = 1;
    private static final int BLOCK_BYTES = 1 << 18;

    private final JdbcConnection connection;
    private final SessionLocal session;
    private final long term;
    private final long index;
    private final SchemaScript script;
    private final List<PinnedTable> tables = new ArrayList<>();
    private final List<Sequences.Kept> sequences;
    private final List<LedgerRow> ledger;

    /** A table as it was; a later definition may rename or drop it. */
    private record PinnedTable(
            TableName name, List<String> columns, boolean keyed, TransactionMap<Long, SearchRow> rows) {}

    Pin(Storage storage, JdbcConnection connection) throws SQLException {
        this.connection = connection;
        session = H2Instance.session(connection);
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1"); // the first statement fixes what the transaction sees
        }
        term = storage.appliedTerm();
        index = storage.appliedIndex();
        script = SchemaScript.of(storage.database());
        for (MVTable table : Tables.replicated(storage.database())) {
            List<String> columns = new ArrayList<>();
            for (Column column : table.getColumns()) {
                columns.add(column.getName() + " " + column.getType().getTraceSQL());
            }
            TransactionMap<Long, SearchRow> rows = Rows.of(table, session);
            tables.add(new PinnedTable(Tables.nameOf(table), columns, SchemaScript.isKeyed(table), rows));
        }
        sequences = storage.sequences().kept();
        ledger = storage.ledger().kept();
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
    void writeTrialTo(OutputStream out, Set<TableName> withRows) throws IOException {
        TableName settings = new TableName(Storage.INTERNAL_SCHEMA, "SETTINGS");
        write(out, name -> name.equals(settings) || withRows.contains(name), List.of());
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
                writeRow(sink, (Row) entry.getValue());
                entry = rows.fetchNext();
            }
            sink.put(0);
            writer.write(SnapshotBlock.ROWS, sink);
        }
    }

    private static void writeRow(ByteSink sink, Row row) {
        for (int i = 0; i < row.getColumnCount(); i++) {
            ValueCodec.write(sink, row.getValue(i));
        }
    }

    private void writeTail(ByteSink sink, List<LedgerRow> answers) {
        writeScript(sink, script.after());
        sink.putVarInt(sequences.size());
        for (Sequences.Kept kept : sequences) {
            ChangeSet.encode(sink, kept.position());
            sink.putVarLong(kept.term()).putVarLong(kept.stamp());
        }
        sink.putVarInt(answers.size());
        for (LedgerRow row : answers) {
            sink.putVarLong(row.term()).putVarLong(row.index());
            sink.putVarLong(row.session()).putVarLong(row.number()).putBytes(row.outcome());
        }
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

    private static String hash(PinnedTable table) {
        MessageDigest digest = newDigest();
        ByteSink sink = new ByteSink(BLOCK_BYTES);
        table.columns().forEach(sink::putString);
        var rows = table.rows().entryIterator(null, null, false);
        for (var entry = rows.fetchNext(); entry != null; entry = rows.fetchNext()) {
            sink.putVarLong(entry.getKey());
            writeRow(sink, (Row) entry.getValue());
            if (sink.size() > BLOCK_BYTES) {
                digest.update(sink.array(), 0, sink.size());
                sink.clear();
            }
        }
        digest.update(sink.array(), 0, sink.size());
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
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
