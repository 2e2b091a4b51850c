package io.tunabledb.engine.execute;

import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.shard.log.TransactionId;
import java.util.List;
import java.util.Map;

/** A schema change that was begun, as the catalog notes it. */
public final class HalfDone {
    private HalfDone() {}

    /** The settings that say so. */
    public static Map<String, String> note(
            TransactionId transactionId, SchemaChange definition, List<TableName> tables) {
        return Map.of(
                PendingSchemaChange.PENDING,
                new PendingSchemaChange(transactionId, definition, tables, false, false).encode());
    }
}
