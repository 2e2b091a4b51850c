package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.DecidedRow;
import io.tunabledb.engine.h2.LedgerRow;
import io.tunabledb.engine.h2.PreparedRow;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.ShardLeader.Author;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
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
final class Participation {
    private final Supplier<Storage> storage;
    private final OpenWork openWork;
    private final Validation validation;
    private final Map<Author, Prepared> prepared = new ConcurrentHashMap<>();
    private final Map<Author, Decided> decided = new ConcurrentHashMap<>();

    /** The held transaction is null where this replica did not lead when it was prepared. */
    private record Prepared(
            PreparedRow row, long sinceNanos, @Nullable HeldTransaction held) {}

    private record Decided(DecidedRow row, long sinceNanos) {}

    Participation(Supplier<Storage> storage, OpenWork openWork, Validation validation) {
        this.storage = storage;
        this.openWork = openWork;
        this.validation = validation;
    }

    /** Takes over what a snapshot has. */
    void restore() throws SQLException {
        prepared.clear();
        decided.clear();
        long now = System.nanoTime();
        for (PreparedRow row : storage.get().prepared()) {
            prepared.put(new Author(row.session(), row.number()), new Prepared(row, now, null));
        }
        for (DecidedRow row : storage.get().decided()) {
            decided.put(new Author(row.session(), row.number()), new Decided(row, now));
        }
    }

    /**
     * Makes again, in a new leader's storage, what earlier leaders prepared: their locks must be back before anything is
     * admitted. Nothing of an earlier term may be open.
     */
    void hold(long term) {
        List<PreparedRow> rows = prepared.values().stream()
                .map(Prepared::row)
                .sorted(Comparator.comparingLong(PreparedRow::index))
                .toList();
        for (PreparedRow row : rows) {
            try {
                HeldTransaction held =
                        HeldTransaction.ofEarlierLeader(term, row, storage.get().openAdminWriter());
                ReadSet reads = row.readSet().length == 0 ? null : ReadSet.decode(row.readSet());
                held.guardedBy(validation.restore(term, reads, held.writer().writeSet()));
                openWork.adopt(held);
                prepared.computeIfPresent(
                        new Author(row.session(), row.number()),
                        (author, known) -> new Prepared(known.row, known.sinceNanos, held));
            } catch (SQLException e) {
                throw new IllegalStateException("can't hold prepared transaction " + row.index(), e);
            }
        }
    }

    /** Keeps a transaction that is prepared; false when its locks are not held here, as they are where it was proposed. */
    boolean prepare(LogPosition at, Entry.Prepare entry, @Nullable HeldTransaction held) {
        boolean isHeld = held != null && held.prepare();
        PreparedRow row = new PreparedRow(
                at.index(),
                at.term(),
                entry.session(),
                entry.number(),
                entry.home(),
                entry.vote(),
                entry.changes(),
                entry.readSet());
        storage.get().prepare(row, held != null && isHeld ? held.writer() : null);
        prepared.put(
                new Author(entry.session(), entry.number()),
                new Prepared(row, System.nanoTime(), isHeld ? held : null));
        if (held != null && !isHeld) {
            openWork.end(held);
        }
        return isHeld;
    }

    /** Ends a prepared transaction; false when it is not prepared (any more), which is no fault: an end may be told twice. */
    boolean finish(LogPosition at, Entry.Finish entry) {
        Author author = new Author(entry.session(), entry.number());
        Prepared known = prepared.get(author);
        if (known == null) {
            storage.get().advance(at.term(), at.index());
            return false;
        }
        HeldTransaction held = known.held;
        if (entry.commit()) {
            commit(LedgerRow.unasked(at.term(), at.index()), known);
        } else if (held != null) {
            held.rollBack("its home has aborted it");
        }
        storage.get().forget(known.row);
        if (held != null) {
            openWork.end(held);
        }
        prepared.remove(author);
        storage.get().advance(at.term(), at.index());
        return entry.commit();
    }

    private void commit(LedgerRow row, Prepared known) {
        if (known.held == null || !known.held.commit(row)) {
            storage.get().finish(row, known.row);
        }
    }

    /** Keeps a decision; before the transaction's own changes take effect here, so that one of the two is always seen. */
    void decide(LogPosition at, Entry.Decide entry) {
        DecidedRow row =
                new DecidedRow(at.index(), entry.session(), entry.number(), entry.epoch(), entry.participants());
        storage.get().decide(row);
        decided.put(new Author(entry.session(), entry.number()), new Decided(row, System.nanoTime()));
    }

    void forget(LogPosition at, Entry.Forget entry) {
        for (Author author : entry.transactions()) {
            Decided known = decided.remove(author);
            if (known != null) {
                storage.get().forget(known.row);
            }
        }
        storage.get().advance(at.term(), at.index());
    }

    /** Whether a transaction is prepared here at or before an index whose end is not known. */
    boolean isInDoubtUpTo(long index) {
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
    Decision.@Nullable Committed decisionOn(Author author) {
        Decided known = decided.get(author);
        return known == null ? null : new Decision.Committed(known.row.epoch());
    }

    /** What is prepared here for at least so long, oldest first. */
    List<InDoubt> inDoubt(long minAgeNanos) {
        long now = System.nanoTime();
        List<InDoubt> found = new ArrayList<>();
        prepared.forEach((author, known) -> {
            if (now - known.sinceNanos >= minAgeNanos) {
                found.add(new InDoubt(author, known.row.home(), known.row.index(), now - known.sinceNanos));
            }
        });
        found.sort(Comparator.comparingLong(InDoubt::index));
        return found;
    }

    /** What was decided here at least so long ago and is not forgotten, oldest first. */
    List<DecidedRow> undelivered(long minAgeNanos) {
        long now = System.nanoTime();
        return decided.values().stream()
                .filter(known -> now - known.sinceNanos >= minAgeNanos)
                .map(Decided::row)
                .sorted(Comparator.comparingLong(DecidedRow::index))
                .toList();
    }
}
