package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.shard.log.TransactionId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A schema change that has to reach every shard.
 *
 * @param transactionId its id in every shard's ledger
 * @param tables those it locks
 * @param everywhere whether it locks all of them instead
 * @param isRepeated whether some shards may have it already
 */
public record PendingSchemaChange(
        TransactionId transactionId,
        SchemaChange definition,
        List<TableName> tables,
        boolean everywhere,
        boolean isRepeated) {
    /** What the names of the settings begin with that the catalog keeps about schema changes under way. */
    public static final String PREFIX = "definition.";

    /** The setting that has it, in the first shard: from before that shard has the change until all do. */
    public static final String PENDING = PREFIX + "pending";

    public PendingSchemaChange {
        tables = List.copyOf(tables);
    }

    /**
     * Whether a schema change that concerns one of some tables is in some shards and may not be in others.
     *
     * @param settings the first shard's
     * @param tables by their names; null for any
     */
    public static boolean isHalfDone(Map<String, String> settings, @Nullable List<String> tables) {
        String pending = settings.get(PENDING);
        if (pending == null || tables == null) {
            return pending != null;
        }
        PendingSchemaChange change = PendingSchemaChange.decode(pending);
        return change.everywhere
                || change.tables.stream().map(TableName::toString).anyMatch(tables::contains);
    }

    /** How the table is to be sharded whose rows it moves, as the setting says it; null when it moves none. */
    @Nullable
    public String move() {
        if (tables.size() != 1) {
            return null;
        }
        Catalog.Place place =
                Catalog.place(tables.get(0).schema(), tables.get(0).name());
        return definition.settings().containsKey(place.moved())
                ? definition.settings().get(place.sharding())
                : null;
    }

    /** The schema change's number in the settings of what it is at. */
    public static String number(TransactionId transactionId) {
        return Long.toHexString(transactionId.session());
    }

    /** The same, with more settings. */
    public PendingSchemaChange with(Map<String, String> more) {
        Map<String, String> settings = new LinkedHashMap<>(definition.settings());
        settings.putAll(more);
        SchemaChange complete =
                new SchemaChange(definition.schema(), definition.timeZone(), definition.sql(), settings);
        return new PendingSchemaChange(transactionId, complete, tables, everywhere, isRepeated);
    }

    /** The same, that some shards may have already. */
    public PendingSchemaChange repeated() {
        return new PendingSchemaChange(transactionId, definition, tables, everywhere, true);
    }

    /** As text, for the catalog. */
    public String encode() {
        List<byte[]> parts = new ArrayList<>();
        parts.add(ByteBuffer.allocate(17)
                .putLong(transactionId.session())
                .putLong(transactionId.number())
                .put((byte) (everywhere ? 1 : 0))
                .array());
        parts.add(definition.encode());
        for (TableName table : tables) {
            parts.add(new SchemaChange(table.schema(), table.name()).encode());
        }
        return String.join(
                ".", parts.stream().map(Base64.getEncoder()::encodeToString).toList());
    }

    /** Reads what {@link #encode} gave. */
    public static PendingSchemaChange decode(String text) {
        List<byte[]> parts = new ArrayList<>();
        for (String part : text.split("\\.", -1)) {
            parts.add(Base64.getDecoder().decode(part));
        }
        ByteBuffer head = ByteBuffer.wrap(parts.get(0));
        TransactionId transactionId = new TransactionId(head.getLong(), head.getLong());
        List<TableName> tables = new ArrayList<>();
        for (byte[] part : parts.subList(2, parts.size())) {
            SchemaChange name = SchemaChange.decode(part);
            tables.add(new TableName(name.schema(), name.sql()));
        }
        return new PendingSchemaChange(transactionId, SchemaChange.decode(parts.get(1)), tables, head.get() == 1, true);
    }
}
