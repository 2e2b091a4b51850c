package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.OutboxTables;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.fresh.OutboxMarks;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.ActiveWork;
import io.tunabledb.engine.shard.life.CurrentStorage;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What all entries with rows have in common: whether they are void, how their rows get into storage, which outboxes they end. */
public final class EntryRows {
    private final CurrentStorage storage;
    private final boolean isOneOfSeveral;
    private final ActiveTransactions activeTransactions;
    private final OutboxMarks outboxMarks;

    /**
     * @param isOneOfSeveral whether the database has other shards
     */
    public EntryRows(
            CurrentStorage storage,
            boolean isOneOfSeveral,
            ActiveTransactions activeTransactions,
            OutboxMarks outboxMarks) {
        this.storage = storage;
        this.isOneOfSeveral = isOneOfSeveral;
        this.activeTransactions = activeTransactions;
        this.outboxMarks = outboxMarks;
    }

    /**
     * Proposed by a leader that lost and regained leadership in between: its locks were gone, so it is void on every replica
     * alike, and the absent ledger row tells its caller.
     */
    boolean areVoid(LogPosition at, long term, @Nullable ActiveWork held) {
        if (term == at.term()) {
            return false;
        }
        rollBack(at, held, "its term ended before it was logged");
        return true;
    }

    /** An entry that has no effect on any replica. */
    void rollBack(LogPosition at, @Nullable ActiveWork held, String why) {
        if (held != null) {
            held.rollBack(why);
            activeTransactions.end(held);
        }
        storage.get().advance(at.term(), at.index());
    }

    /** By the transaction that made them, where it is still there, else from their images. */
    void commit(LedgerRow row, byte[] changes, @Nullable ActiveTransaction held) {
        if (held == null || !held.commit(row)) {
            storage.get().committed().apply(row, changes);
        }
        if (held != null) {
            activeTransactions.end(held);
        }
    }

    /** An outbox is carried out so far. */
    void carriedOut(long incarnation, long number) {
        outboxMarks.raise(incarnation, number);
    }

    /** A weak write whose table has changed shards is carried out by a transaction like any other, which has the mark. */
    void raiseOutboxMarks(byte[] changes) {
        if (isOneOfSeveral && OutboxTables.areMarksIn(changes)) {
            try {
                storage.get().own().outboxMarks().forEach(outboxMarks::raise);
            } catch (SQLException e) {
                throw new IllegalStateException(
                        "can't read the engine's own tables of " + storage.id().nodeName(), e);
            }
        }
    }
}
