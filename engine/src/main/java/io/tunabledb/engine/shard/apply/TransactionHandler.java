package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.twophase.TwoPhase;
import org.jspecify.annotations.Nullable;

/** Applies transactions: of this shard alone, and this shard's part of those over several. */
public final class TransactionHandler {
    private final CurrentStorage storage;
    private final EntryRows rows;
    private final Epochs epochs;
    private final TwoPhase twoPhase;
    private final LockPause locks;
    private final ReplicaCatalog catalog;

    public TransactionHandler(
            CurrentStorage storage,
            EntryRows rows,
            Epochs epochs,
            TwoPhase twoPhase,
            LockPause locks,
            ReplicaCatalog catalog) {
        this.storage = storage;
        this.rows = rows;
        this.epochs = epochs;
        this.twoPhase = twoPhase;
        this.locks = locks;
        this.catalog = catalog;
    }

    /** False when it was void. */
    boolean write(LogPosition at, Entry.Write write, @Nullable ActiveTransaction held) {
        if (rows.areVoid(at, write.term(), held)) {
            return false;
        }
        LedgerRow row = new LedgerRow(at.term(), at.index(), write.session(), write.number(), write.outcome());
        rows.commit(row, write.changes(), held);
        if (write.outbox()) {
            rows.carriedOut(write.session(), write.number());
        } else {
            rows.raiseOutboxMarks(write.changes());
        }
        if (write.settings()) {
            Stacks.deep(() -> {
                catalog.publish(at.index());
                return true;
            });
        }
        return true;
    }

    void prepare(LogPosition at, Entry.Prepare entry, @Nullable ActiveTransaction held) {
        if (rows.areVoid(at, entry.term(), held)) {
            return;
        }
        boolean isHeld = twoPhase.prepared().prepare(at, entry, held);
        if (!isHeld) {
            locks.holdAgain();
        }
        twoPhase.recovery().arm();
    }

    /** True when rows changed by it; in an epoch that is still to come they do by what finishes it. */
    boolean decide(LogPosition at, Entry.Decide entry, @Nullable ActiveTransaction held) {
        if (rows.areVoid(at, entry.term(), held)) {
            return false;
        }
        long epoch = twoPhase.prepared().decide(at, entry);
        LedgerRow row = new LedgerRow(at.term(), at.index(), entry.session(), entry.number(), entry.outcome());
        boolean isNow = epoch == epochs.epoch();
        if (isNow) {
            rows.commit(row, entry.changes(), held);
            rows.raiseOutboxMarks(entry.changes());
        } else {
            storage.get().committed().answer(row);
            boolean isHeld = twoPhase.prepared().awaitEpoch(at, entry, epoch, held);
            if (!isHeld) {
                locks.holdAgain();
            }
        }
        twoPhase.recovery().arm();
        return isNow;
    }

    /** True when rows changed by it. */
    boolean finish(LogPosition at, Entry.Finish entry) {
        boolean isChange = twoPhase.prepared().finish(at, entry);
        twoPhase.closer().applied();
        return isChange;
    }

    void forget(LogPosition at, Entry.Forget entry) {
        twoPhase.prepared().forget(at, entry);
    }
}
