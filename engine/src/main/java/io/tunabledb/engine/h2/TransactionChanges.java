package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.readset.StatementReads;
import io.tunabledb.engine.h2.readset.WriteSet;
import io.tunabledb.engine.h2.row.ChangeSet;
import io.tunabledb.engine.h2.row.NetEffects;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.TableName;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import org.h2.engine.SessionLocal;
import org.h2.result.Row;
import org.h2.schema.Sequence;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What a storage session's open transaction has changed: its net effects on rows, and the sequences it has moved, kept from
 * when they are encoded for the log until the transaction ends. Under the session's lock.
 */
final class TransactionChanges {
    private final Storage storage;
    private final SessionLocal session;
    /** The last values taken from sequences before this transaction. */
    private final Map<Sequence, Value> takenBefore = new WeakHashMap<>();

    private Sequences.Capture captured = Sequences.Capture.NONE;
    /** What {@link #capture} found, until the transaction ends. */
    private List<NetEffects.TableEffects> effects = List.of();

    TransactionChanges(Storage storage, SessionLocal session) {
        this.storage = storage;
        this.session = session;
    }

    /** All of it, encoded; null when there is none. */
    byte @Nullable [] capture() {
        effects = NetEffects.of(session);
        if (effects.isEmpty() && !movedSequences()) {
            return null;
        }
        captured = storage.sequences().capture();
        takenBefore.putAll(storage.sequences().taken(session));
        return ChangeSet.encode(effects, captured);
    }

    private boolean movedSequences() {
        return storage.sequences().taken(session).entrySet().stream()
                .anyMatch(taken -> !taken.getValue().equals(takenBefore.get(taken.getKey())));
    }

    /** The rows of some tables that changed since a savepoint, encoded without sequences; null when there are none. */
    byte @Nullable [] since(long savepoint, Predicate<TableName> which) {
        List<NetEffects.TableEffects> since = NetEffects.since(session, savepoint).stream()
                .filter(table -> which.test(Tables.nameOf(table.table())))
                .toList();
        return since.isEmpty() ? null : ChangeSet.encode(since, Sequences.Capture.NONE);
    }

    /** The tables and keys that were found changed. */
    WriteSet writeSet() {
        return WriteSet.of(effects, storage.keys());
    }

    /** How many bytes the changed rows take more than before; 0 when less. */
    long growth() {
        long growth = 0;
        for (NetEffects.TableEffects table : effects) {
            for (NetEffects.RowEffect row : table.rows()) {
                growth += bytes(row.after()) - bytes(row.before());
            }
        }
        return Math.max(0, growth);
    }

    private static long bytes(@Nullable Row row) {
        return row == null ? 0 : row.getMemory();
    }

    /** What the checks of foreign keys have read for the changed rows. */
    StatementReads references() {
        StatementReads reads = new StatementReads();
        for (NetEffects.TableEffects table : effects) {
            storage.keys().of(table.table()).addReferences(table.rows(), reads);
        }
        return reads;
    }

    /** Changes that another leader captured are made here now. */
    void made() {
        effects = NetEffects.of(session);
    }

    /** They are in the log: the sequences are where the log has them. On the apply thread. */
    void logged(long term) {
        storage.sequences().applied(term, captured, false);
        captured = Sequences.Capture.NONE;
    }

    /** The transaction is committed. */
    void committed() {
        effects = List.of();
    }

    /** The transaction is undone; values taken from sequences stay taken. */
    void rolledBack() {
        captured = Sequences.Capture.NONE;
        effects = List.of();
        takenBefore.putAll(storage.sequences().taken(session));
    }
}
