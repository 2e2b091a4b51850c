package io.tunabledb.engine.h2;

import io.tunabledb.engine.h2.catalog.DecidedRow;
import io.tunabledb.engine.h2.catalog.EpochRow;
import io.tunabledb.engine.h2.catalog.EpochTable;
import io.tunabledb.engine.h2.catalog.Ledger;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.PreparedRow;
import io.tunabledb.engine.h2.catalog.TwoPhaseTables;
import io.tunabledb.engine.h2.row.ChangeSet;
import io.tunabledb.engine.h2.row.Sequences;
import io.tunabledb.engine.h2.row.Tables;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/**
 * The way of what the log has committed into a replica's tables: rows of any transaction, what is prepared and decided of
 * those over shards, epochs, and answers. Called by one thread at a time, the apply thread; a {@link RuntimeException} means
 * that this replica is broken, as {@link Storage} says.
 */
public final class CommittedChanges {
    private final SessionLocal applySession;
    private final Tables applyTables;
    private final Ledger ledger;
    private final Sequences sequences;
    private final TwoPhaseTables twoPhase;
    private final EpochTable epochs;
    private final Statistics statistics;

    CommittedChanges(
            SessionLocal applySession, Tables applyTables, Ledger ledger, Sequences sequences, Statistics statistics) {
        this.applySession = applySession;
        this.applyTables = applyTables;
        this.ledger = ledger;
        this.sequences = sequences;
        this.statistics = statistics;
        this.twoPhase = new TwoPhaseTables(applyTables);
        this.epochs = new EpochTable(applyTables);
    }

    /**
     * Applies an entry another replica captured: row images, sequence positions and the ledger row in one H2
     * transaction. On the apply thread.
     *
     * @param changes what {@link Writer#changes} gave
     * @throws IllegalStateException a table or row is not as the entry expects it: this replica is broken
     */
    public void apply(LedgerRow row, byte[] changes) {
        applySession.lock();
        try {
            Sequences.Capture moved = ChangeSet.apply(changes, applySession, applyTables);
            ledger.insert(applySession, row);
            applySession.commit(false);
            sequences.applied(row.term(), moved, true);
            applied(row);
        } catch (RuntimeException e) {
            applySession.rollback();
            throw new IllegalStateException("can't apply entry " + row.index() + ": " + e.getMessage(), e);
        } finally {
            applySession.unlock();
        }
    }

    /**
     * Keeps a transaction over shards that is prepared here. Its rows change when it is finished; sequences are moved now,
     * so that no statement is given its values, whichever replica leads until then. On the apply thread.
     *
     * @param holder the session that has made the changes here and holds their locks; null elsewhere
     */
    public void prepare(PreparedRow row, @Nullable Writer holder) {
        changeOwn("prepare transaction", row.index(), () -> twoPhase.add(applySession, row));
        if (holder != null) {
            holder.prepared(row.term());
        } else if (row.changes().length > 0) {
            ChangeSet.Decoded changes = ChangeSet.decode(row.changes(), applySession, applyTables);
            sequences.applied(row.term(), changes.sequences(), true);
        }
        ledger.advance(row.term(), row.index());
    }

    /**
     * Applies the changes of a prepared transaction, which commits. On the apply thread, before {@link #forget}.
     *
     * @param row of the entry that says so
     */
    public void finish(LedgerRow row, PreparedRow prepared) {
        applySession.lock();
        try {
            if (prepared.changes().length > 0) {
                // the sequences it carries were moved when it was prepared, and have moved on since
                ChangeSet.apply(prepared.changes(), applySession, applyTables);
            }
            ledger.insert(applySession, row);
            applySession.commit(false);
            applied(row);
        } catch (RuntimeException e) {
            applySession.rollback();
            throw new IllegalStateException("can't apply entry " + row.index() + ": " + e.getMessage(), e);
        } finally {
            applySession.unlock();
        }
    }

    /** Keeps another vote of a prepared transaction. On the apply thread. */
    public void revote(PreparedRow row) {
        changeOwn("raise the vote of transaction", row.index(), () -> {
            twoPhase.remove(applySession, row);
            twoPhase.add(applySession, row);
        });
    }

    /** Keeps where the shard is in the order of cuts. On the apply thread. */
    public void keep(EpochRow row) {
        changeOwn("keep epoch", row.epoch(), () -> epochs.put(applySession, row));
    }

    /** Drops a prepared transaction that has come to its end. On the apply thread. */
    public void forget(PreparedRow row) {
        changeOwn("forget transaction", row.index(), () -> twoPhase.remove(applySession, row));
    }

    /** Keeps a transaction over shards that is decided here. On the apply thread, before its own changes take effect. */
    public void decide(DecidedRow row) {
        changeOwn("decide transaction", row.index(), () -> twoPhase.add(applySession, row));
    }

    /** Adds only the ledger row of an entry whose rows come with a later one. On the apply thread. */
    public void answer(LedgerRow row) {
        changeOwn("answer entry", row.index(), () -> ledger.insert(applySession, row));
        applied(row);
    }

    /** Drops a decision that no participant will ask for any more. On the apply thread. */
    public void forget(DecidedRow row) {
        changeOwn("forget transaction", row.index(), () -> twoPhase.remove(applySession, row));
    }

    /** Changes the engine's own tables in a transaction without a ledger row: no reader sees them. */
    private void changeOwn(String what, long number, Runnable change) {
        applySession.lock();
        try {
            change.run();
            applySession.commit(false);
        } catch (RuntimeException e) {
            applySession.rollback();
            throw new IllegalStateException("can't " + what + " " + number + ": " + e.getMessage(), e);
        } finally {
            applySession.unlock();
        }
    }

    /** The entry of a ledger row that is committed. */
    void applied(LedgerRow row) {
        ledger.applied(row);
        tidy();
    }

    /** What the apply thread does now and then, after an entry. */
    void tidy() {
        ledger.prune(applySession);
        statistics.entryApplied(applySession);
    }
}
