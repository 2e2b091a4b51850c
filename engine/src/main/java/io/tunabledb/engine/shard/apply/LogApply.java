package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.MemoryEndedException;
import io.tunabledb.engine.shard.fresh.AppliedIndex;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.EntryFailedException;
import io.tunabledb.engine.shard.log.LeftOut;
import io.tunabledb.engine.shard.snapshot.SnapshotSchedule;
import org.jspecify.annotations.Nullable;

/**
 * The apply thread's step: one entry of the log comes into the tables, between two counters that say so to readers ({@link
 * AppliedIndex}). Before an entry of a higher term, what an earlier term held is rolled back: its locks would be in the way.
 */
public final class LogApply {
    private final CurrentStorage storage;
    private final AppliedIndex index;
    private final ActiveTransactions activeTransactions;
    private final Applier applier;
    private final SnapshotSchedule snapshots;
    private final Told told;

    /** Who is asked and told of each entry. */
    public interface Told {
        /** Why an entry is to be left out, the same on every replica; null for all but a few. */
        @Nullable
        String leftOut(int shard, long index);

        /** An entry that changed rows or the schema is applied. */
        void applied(long index);
    }

    public LogApply(
            CurrentStorage storage,
            AppliedIndex index,
            ActiveTransactions activeTransactions,
            Applier applier,
            SnapshotSchedule snapshots,
            Told told) {
        this.storage = storage;
        this.index = index;
        this.activeTransactions = activeTransactions;
        this.applier = applier;
        this.snapshots = snapshots;
        this.told = told;
    }

    /**
     * Applies a committed entry.
     *
     * @param held what its proposer held for it, on the replica that proposed it; null elsewhere
     * @throws EntryFailedException a broken invariant, or memory has ended: the replica stops
     */
    public void apply(LogPosition at, byte[] bytes, @Nullable Object held) {
        activeTransactions.rollBackBefore(at.term());
        String leftOut = told.leftOut(storage.id().shard(), at.index());
        boolean isChange = false;
        try {
            index.begin(at.index());
            if (leftOut == null) {
                isChange = Entry.decode(bytes).applyTo(applier, at, held);
            } else {
                LeftOut.goBy(storage.get(), at, bytes, leftOut);
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // says which entry it is: the database meets it again at its next start
            throw new EntryFailedException(storage.id().shard(), at, LeftOut.describe(bytes), reason(e));
        }
        snapshots.advanced(at);
        index.raise(at.index());
        if (isChange) {
            told.applied(at.index());
        }
        snapshots.applied(bytes.length);
    }

    /** An entry of the log's own: there is nothing to apply. */
    public void advanced(LogPosition at) {
        activeTransactions.rollBackBefore(at.term());
        storage.get().advance(at.term(), at.index());
        snapshots.advanced(at);
        index.begin(at.index());
        index.raise(at.index());
    }

    /** A storage that was closed under an entry fails any entry: that is none of this one's, and passes. */
    private Throwable reason(Throwable failure) {
        // H2 may close sessions before it says that the whole database closes
        return storage.isShut() || SqlErrors.comesOfClosedStorage(failure)
                ? new MemoryEndedException(
                        "H2 has closed the database, as it does when memory ends in the middle of a statement", failure)
                : failure;
    }
}
