package io.tunabledb.engine.h2.snapshot;

import io.tunabledb.engine.codec.ByteSink;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.sql.TableName;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a replica is made of, for comparing what was pinned with what its snapshot reads back as.
 *
 * @param rows each table's hash
 * @param schema null if it was not looked at
 * @param ledger the answers, oldest first
 */
public record SnapshotContent(
        long term,
        long index,
        Map<TableName, String> rows,
        SchemaScript script,
        @Nullable SchemaFacts schema,
        Set<Sequences.Kept> sequences,
        List<LedgerRow> ledger) {

    /** The first thing in which {@code readBack} is not the same, by its name and as a sentence; null when there is none. */
    @Nullable
    public String difference(SnapshotContent readBack) {
        if (term != readBack.term || index != readBack.index) {
            return "it is at " + index + " of term " + term + ", reads back as " + readBack.index + " of term "
                    + readBack.term;
        }
        String inSchema = schema == null || readBack.schema == null ? null : schema.difference(readBack.schema);
        String inScript = inSchema == null ? script.difference(readBack.script) : inSchema;
        if (inScript != null) {
            return inScript;
        }
        for (Map.Entry<TableName, String> table : rows.entrySet()) {
            String hash = readBack.rows.get(table.getKey());
            if (!table.getValue().equals(hash)) {
                return "the rows of table " + table.getKey() + " hash to " + table.getValue() + ", reads back as "
                        + hash;
            }
        }
        if (!sequences.equals(readBack.sequences)) {
            return "sequences were at " + without(sequences, readBack.sequences) + ", reads back as "
                    + without(readBack.sequences, sequences);
        }
        return encoded(ledger).equals(encoded(readBack.ledger)) ? null : "the answers of writes are not the same";
    }

    private static Set<Sequences.Kept> without(Set<Sequences.Kept> some, Set<Sequences.Kept> others) {
        Set<Sequences.Kept> rest = new HashSet<>(some);
        rest.removeAll(others);
        return rest;
    }

    private static ByteBuffer encoded(List<LedgerRow> rows) {
        ByteSink sink = new ByteSink(1 << 10);
        rows.forEach(row -> row.writeTo(sink));
        return ByteBuffer.wrap(sink.toByteArray());
    }
}
