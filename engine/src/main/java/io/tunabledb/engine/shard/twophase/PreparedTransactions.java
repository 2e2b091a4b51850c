package io.tunabledb.engine.shard.twophase;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.catalog.DecidedRow;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.catalog.PreparedRow;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.Places;
import io.tunabledb.engine.shard.log.Decision;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.InDoubt;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.shard.validation.ReadSet;
import io.tunabledb.engine.shard.validation.Validation;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * This replica's part in transactions over shards: what it has prepared as a participant and decided as their home. It is
 * what storage has, by id, and on the leader the held transactions that belong to it. Changed by the apply thread only,
 * read by any.
 */
public final class PreparedTransactions {
    private final int shard;
    private final Supplier<Storage> storage;
    private final Epochs epochs;
    private final ActiveTransactions activeTransactions;
    private final Validation validation;
    private final Map<TransactionId, Prepared> prepared = new ConcurrentHashMap<>();
    private final Map<TransactionId, Decided> decided = new ConcurrentHashMap<>();
    /** In which epoch what is prepared here commits, as far as this replica was told: what every replica may know, and none must. */
    private final Map<TransactionId, Long> commits = new ConcurrentHashMap<>();

    /** The held transaction is null where this replica did not lead when it was prepared. */
    private record Prepared(
            PreparedRow row, long sinceNanos, @Nullable ActiveTransaction held) {}

    private record Decided(DecidedRow row, long sinceNanos) {}

    /** A prepared transaction as a leader sees it that wants to close an epoch. */
    record QueuedWrite(
            TransactionId transactionId, int home, @Nullable Long commits) {}

    public PreparedTransactions(
            int shard,
            Supplier<Storage> storage,
            Epochs epochs,
            ActiveTransactions activeTransactions,
            Validation validation) {
        this.shard = shard;
        this.storage = storage;
        this.epochs = epochs;
        this.activeTransactions = activeTransactions;
        this.validation = validation;
    }

    /** Takes over what a snapshot has. */
    public void restore() throws SQLException {
        prepared.clear();
        decided.clear();
        commits.clear();
        long now = System.nanoTime();
        for (PreparedRow row : storage.get().own().prepared()) {
            prepared.put(new TransactionId(row.session(), row.number()), new Prepared(row, now, null));
        }
        for (DecidedRow row : storage.get().own().decided()) {
            decided.put(new TransactionId(row.session(), row.number()), new Decided(row, now));
        }
    }

    /**
     * Makes again, in a new leader's storage, what earlier leaders prepared: their locks must be back before anything is
     * admitted. Nothing of an earlier term may be open.
     */
    public void hold(long term) {
        List<PreparedRow> rows = prepared.values().stream()
                .map(Prepared::row)
                .sorted(Comparator.comparingLong(PreparedRow::index))
                .toList();
        for (PreparedRow row : rows) {
            try {
                ActiveTransaction held = ActiveTransaction.ofEarlierLeader(
                        term,
                        row,
                        storage.get().openAdminWriter(),
                        activeTransactions.places().takeNow(Places.Use.TRANSACTION));
                ReadSet reads = row.readSet().length == 0 ? null : ReadSet.decode(row.readSet());
                held.guardedBy(validation.restore(term, reads, held.writer().writeSet()));
                activeTransactions.adopt(held);
                prepared.computeIfPresent(
                        new TransactionId(row.session(), row.number()),
                        (transactionId, known) -> new Prepared(known.row, known.sinceNanos, held));
            } catch (SQLException e) {
                throw new IllegalStateException("can't hold prepared transaction " + row.index(), e);
            }
        }
    }

    /**
     * Keeps a transaction that is prepared; false when its locks are not held here, as they are where it was proposed. The
     * epoch may have moved on since its leader voted, so the vote is made here.
     */
    public boolean prepare(LogPosition at, Entry.Prepare entry, @Nullable ActiveTransaction held) {
        long vote = Math.max(entry.vote(), epochs.epoch());
        return keep(
                new PreparedRow(
                        at.index(),
                        at.term(),
                        entry.session(),
                        entry.number(),
                        entry.home(),
                        vote,
                        entry.changes(),
                        entry.readSet()),
                held);
    }

    /** Keeps home's own part of a transaction that is committed in an epoch which has not begun here; false as for prepare. */
    public boolean awaitEpoch(LogPosition at, Entry.Decide entry, long epoch, @Nullable ActiveTransaction held) {
        return keep(
                new PreparedRow(
                        at.index(),
                        at.term(),
                        entry.session(),
                        entry.number(),
                        shard,
                        epoch,
                        entry.changes(),
                        entry.readSet()),
                held);
    }

    private boolean keep(PreparedRow row, @Nullable ActiveTransaction held) {
        boolean isHeld = held != null && held.prepare();
        storage.get().committed().prepare(row, held != null && isHeld ? held.writer() : null);
        prepared.put(
                new TransactionId(row.session(), row.number()),
                new Prepared(row, System.nanoTime(), isHeld ? held : null));
        if (held != null) {
            if (isHeld) {
                activeTransactions.decided(held);
            } else {
                activeTransactions.end(held);
            }
        }
        return isHeld;
    }

    /**
     * Ends a prepared transaction; false when it is not prepared (any more), which is no fault: an end may be told twice. Nor
     * is one that comes before its epoch, which is told again.
     */
    public boolean finish(LogPosition at, Entry.Finish entry) {
        TransactionId transactionId = new TransactionId(entry.session(), entry.number());
        Prepared known = prepared.get(transactionId);
        if (known == null || (entry.commit() && entry.epoch() > epochs.epoch())) {
            storage.get().advance(at.term(), at.index());
            return false;
        }
        if (entry.commit() && entry.epoch() < epochs.epoch()) {
            throw new IllegalStateException(
                    transactionId + " commits in epoch " + entry.epoch() + ", and shard " + shard + " has closed that");
        }
        ActiveTransaction held = known.held;
        if (entry.commit()) {
            commit(LedgerRow.unasked(at.term(), at.index()), known);
        } else if (held != null) {
            held.rollBack("its home has aborted it");
        }
        storage.get().committed().forget(known.row);
        if (held != null) {
            activeTransactions.end(held);
        }
        prepared.remove(transactionId);
        commits.remove(transactionId);
        storage.get().advance(at.term(), at.index());
        return entry.commit();
    }

    private void commit(LedgerRow row, Prepared known) {
        if (known.held == null || !known.held.commit(row)) {
            storage.get().committed().finish(row, known.row);
        }
    }

    /**
     * Keeps a decision; before the transaction's own changes take effect here, so that one of the two is always seen.
     *
     * @return the epoch it commits in: what was voted, or this shard's own if that has moved on
     */
    public long decide(LogPosition at, Entry.Decide entry) {
        long epoch = Math.max(entry.epoch(), epochs.epoch());
        DecidedRow row = new DecidedRow(at.index(), entry.session(), entry.number(), epoch, entry.participants());
        storage.get().committed().decide(row);
        decided.put(new TransactionId(entry.session(), entry.number()), new Decided(row, System.nanoTime()));
        return epoch;
    }

    // ---- epochs ----

    /** Whether nothing that is prepared here may commit below the epoch that an entry begins. Alike on every replica. */
    public boolean lets(Entry.Close close) {
        Map<TransactionId, Long> later = new HashMap<>();
        close.later().forEach(one -> later.put(one.transaction(), one.epoch()));
        for (Map.Entry<TransactionId, Prepared> one : prepared.entrySet()) {
            if (one.getValue().row.vote() < close.epoch() && later.getOrDefault(one.getKey(), 0L) < close.epoch()) {
                return false;
            }
        }
        return true;
    }

    /** Who is known to commit later votes that: the next epoch's end need not ask again. */
    public void raiseVotes(List<Entry.Close.Later> later) {
        for (Entry.Close.Later one : later) {
            Prepared known = prepared.get(one.transaction());
            if (known != null && known.row.vote() < one.epoch()) {
                PreparedRow row = known.row.voting(one.epoch());
                storage.get().committed().revote(row);
                prepared.put(one.transaction(), new Prepared(row, known.sinceNanos, known.held));
            }
        }
    }

    /** A prepared transaction is committed, in this epoch; for the epoch closer. From any thread. */
    void learned(TransactionId transactionId, long epoch) {
        commits.put(transactionId, epoch);
        if (!prepared.containsKey(transactionId)) {
            commits.remove(transactionId);
        }
    }

    /** What is prepared here and may commit below an epoch. */
    List<QueuedWrite> below(long epoch) {
        List<QueuedWrite> found = new ArrayList<>();
        prepared.forEach((transactionId, known) -> {
            if (known.row.vote() < epoch) {
                Decided own = decided.get(transactionId);
                Long commit = own == null ? commits.get(transactionId) : Long.valueOf(own.row.epoch());
                found.add(new QueuedWrite(transactionId, known.row.home(), commit));
            }
        });
        return found;
    }

    /** The vote of a transaction that is prepared here; null when it is not. */
    @Nullable
    public Long voteOf(TransactionId transactionId) {
        Prepared known = prepared.get(transactionId);
        return known == null ? null : known.row.vote();
    }

    public void forget(LogPosition at, Entry.Forget entry) {
        for (TransactionId transactionId : entry.transactions()) {
            Decided known = decided.remove(transactionId);
            if (known != null) {
                storage.get().committed().forget(known.row);
            }
        }
        storage.get().advance(at.term(), at.index());
    }

    /** Whether a transaction is prepared here at or before an index whose end is not known. */
    public boolean isInDoubtUpTo(long index) {
        if (prepared.isEmpty()) {
            return false;
        }
        for (Prepared known : prepared.values()) {
            if (known.row.index() <= index) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return prepared.isEmpty() && decided.isEmpty();
    }

    /** The decision this shard, as home, keeps of a transaction, or null. */
    public Decision.@Nullable Committed decisionOn(TransactionId transactionId) {
        Decided known = decided.get(transactionId);
        return known == null ? null : new Decision.Committed(known.row.epoch());
    }

    /** What is prepared here for at least so long, oldest first. */
    public List<InDoubt> inDoubt(long minAgeNanos) {
        long now = System.nanoTime();
        List<InDoubt> found = new ArrayList<>();
        prepared.forEach((transactionId, known) -> {
            if (now - known.sinceNanos >= minAgeNanos) {
                found.add(new InDoubt(transactionId, known.row.home(), known.row.index(), now - known.sinceNanos));
            }
        });
        found.sort(Comparator.comparingLong(InDoubt::index));
        return found;
    }

    /** What was decided here at least so long ago and is not forgotten, oldest first. */
    public List<DecidedRow> undelivered(long minAgeNanos) {
        long now = System.nanoTime();
        return decided.values().stream()
                .filter(known -> now - known.sinceNanos >= minAgeNanos)
                .map(Decided::row)
                .sorted(Comparator.comparingLong(DecidedRow::index))
                .toList();
    }
}
