package io.tunabledb.engine.h2.row;

import io.tunabledb.engine.h2.sql.SequenceName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.h2.api.ErrorCode;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Where the sequences of one replica stand. Sequences are not transactional: they move at once on the leader, and the
 * others learn of it from the change sets. Change sets are captured in one order and logged in another, so each capture
 * carries a stamp, and an older capture never moves a sequence back. Stamps are compared within a term.
 *
 * <p>{@code replicated} is what the log has said so far. On the leader the sequence itself may be ahead, by what open
 * transactions have taken. For a definition it is put where the log has it, the same on every replica, and ahead again
 * afterwards, or what they took would be given to others too. A definition has a stamp as well, made of its index: what
 * was captured before it and is logged after it moves back nothing that it moved, on any replica.
 */
public final class Sequences {

    /** Where a sequence stood when captured: the next value it would give. */
    public record Position(SequenceName name, long next, boolean exhausted) {}

    /** Positions captured together. */
    public record Capture(long stamp, List<Position> positions) {
        public static final Capture NONE = new Capture(0, List.of());
    }

    /** A sequence's replicated position and where it came from, as a snapshot keeps it. */
    public record Kept(Position position, long term, long stamp) {}

    /** So many captures and more there are never between two entries of the log. */
    private static final int STAMPS_OF_AN_ENTRY = 20;

    private final Database database;
    private Map<SequenceName, Tracked> tracked = new HashMap<>();
    private long trackedAt = -1;
    private long stamp;

    public Sequences(Database database) {
        this.database = database;
    }

    /** Captures every sequence that is not where the log says it is. */
    public synchronized Capture capture() {
        refresh();
        List<Position> moved = new ArrayList<>(2);
        stamp++;
        tracked.forEach((name, sequence) -> {
            if (sequence.isAhead()) {
                moved.add(sequence.live(name));
            }
        });
        return new Capture(stamp, moved);
    }

    /** The values this session last took from sequences that are ahead of the log. */
    public synchronized Map<Sequence, Value> taken(SessionLocal session) {
        refresh();
        Map<Sequence, Value> taken = new HashMap<>(2);
        for (Tracked each : tracked.values()) {
            if (each.isAhead()) {
                Value value = lastTaken(session, each.sequence);
                if (value != null) {
                    taken.put(each.sequence, value);
                }
            }
        }
        return taken;
    }

    private static @Nullable Value lastTaken(SessionLocal session, Sequence sequence) {
        try {
            return session.getCurrentValueFor(sequence);
        } catch (DbException e) {
            return null; // it took none
        }
    }

    /**
     * Notes what an applied entry says.
     *
     * @param move whether the sequences themselves are to follow, as they are everywhere but on the leader that
     *     captured them
     */
    public synchronized void applied(long term, Capture capture, boolean move) {
        if (capture.positions().isEmpty()) {
            return;
        }
        refresh();
        for (Position position : capture.positions()) {
            Tracked sequence = tracked.get(position.name());
            if (sequence == null) {
                throw new IllegalStateException("no sequence " + position.name() + " here, but the log moves it");
            }
            if (sequence.isOlderThan(term, capture.stamp())) {
                sequence.replicated(position, term, capture.stamp());
                if (move) {
                    sequence.moveTo(position);
                }
            }
        }
    }

    /**
     * Puts every sequence where the log says it is, so that a definition meets the same on every replica.
     *
     * @return those that were ahead, and where they stood
     */
    public synchronized Map<Sequence, Position> settle() {
        refresh();
        Map<Sequence, Position> ahead = new HashMap<>(2);
        for (Map.Entry<SequenceName, Tracked> entry : tracked.entrySet()) {
            Tracked sequence = entry.getValue();
            if (sequence.isAhead()) {
                ahead.put(sequence.sequence, sequence.live(entry.getKey()));
                sequence.moveTo(new Position(entry.getKey(), sequence.next, sequence.exhausted));
            }
        }
        return ahead;
    }

    /**
     * After a definition: new sequences, and those it moved, are replicated where they are; those that were ahead are ahead
     * again, by as much.
     *
     * @param index the definition's place in the log
     * @param ahead what {@link #settle} gave
     * @param restarts whether it says where a sequence is to begin again
     */
    public synchronized void defined(
            long term, long index, Map<Sequence, Position> ahead, Predicate<SequenceName> restarts) {
        refresh();
        // of the index alone: this replica's own stamp may have grown for longer than the leader's has
        long defined = index << STAMPS_OF_AN_ENTRY;
        stamp = Math.max(stamp, defined);
        tracked.forEach((name, sequence) -> {
            sequence.repair();
            long before = sequence.next;
            if (sequence.isAhead()) {
                sequence.replicated(sequence.live(name), term, defined);
            }
            Position live = ahead.get(sequence.sequence);
            if (live != null && !restarts.test(name)) {
                sequence.advance(live, sequence.next - before);
            }
        });
    }

    /** Puts every sequence where {@code to} says, as if the log had. */
    public synchronized void moveAll(long term, ToLongFunction<Sequence> to) {
        refresh();
        for (Tracked each : tracked.values()) {
            // the cache size: H2 computes a negative one for some descending sequences, and then refuses it
            each.sequence.modify(to.applyAsLong(each.sequence), null, null, null, null, null, 1L);
        }
        defined(term, 0, Map.of(), name -> false);
    }

    /** The sequence of that name. */
    public synchronized Sequence find(SequenceName name) {
        refresh();
        Tracked found = tracked.get(name);
        if (found == null) {
            throw DbException.get(ErrorCode.SEQUENCE_NOT_FOUND_1, name.name());
        }
        return found.sequence;
    }

    public synchronized List<Kept> kept() {
        refresh();
        List<Kept> kept = new ArrayList<>(tracked.size());
        tracked.forEach((name, each) ->
                kept.add(new Kept(new Position(name, each.next, each.exhausted), each.term, each.stamp)));
        return kept;
    }

    public synchronized void restore(List<Kept> kept) {
        refresh();
        tracked.values().forEach(Tracked::repair);
        for (Kept each : kept) {
            Tracked sequence = tracked.get(each.position().name());
            if (sequence == null) {
                throw new IllegalStateException("no sequence " + each.position().name());
            }
            sequence.replicated(each.position(), each.term(), each.stamp());
            sequence.moveTo(each.position());
        }
    }

    private void refresh() {
        long now = database.getModificationMetaId();
        if (now == trackedAt) {
            return;
        }
        Map<Sequence, Tracked> before = new HashMap<>();
        tracked.values().forEach(each -> before.put(each.sequence, each));
        Map<SequenceName, Tracked> found = new HashMap<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Sequence sequence : schema.getAllSequences()) {
                if (!sequence.getBelongsToTable()) {
                    track(new SequenceName(schema.getName(), "", sequence.getName()), sequence, before, found);
                }
            }
            for (Table table : schema.getAllTablesAndViews(null)) {
                for (Column column : table.getColumns()) {
                    Sequence sequence = column.getSequence();
                    if (sequence != null && sequence.getBelongsToTable()) {
                        SequenceName name = new SequenceName(schema.getName(), table.getName(), column.getName());
                        track(name, sequence, before, found);
                    }
                }
            }
        }
        tracked = found;
        trackedAt = now;
    }

    private static void track(
            SequenceName name, Sequence sequence, Map<Sequence, Tracked> before, Map<SequenceName, Tracked> found) {
        found.put(name, Objects.requireNonNullElseGet(before.get(sequence), () -> new Tracked(sequence)));
    }

    private static final class Tracked {
        final Sequence sequence;
        long next;
        boolean exhausted;
        long term;
        long stamp;

        Tracked(Sequence sequence) {
            this.sequence = sequence;
            next = sequence.getBaseValue();
            exhausted = isExhausted();
        }

        /**
         * H2 computes a negative cache size for a descending sequence without a minimum, and then refuses to move the
         * sequence because of it.
         */
        void repair() {
            if (sequence.getCacheSize() < 1) {
                sequence.modify(null, null, null, null, null, null, 1L);
            }
        }

        boolean isExhausted() {
            return sequence.getCycle() == Sequence.Cycle.EXHAUSTED;
        }

        boolean isAhead() {
            return sequence.getBaseValue() != next || isExhausted() != exhausted;
        }

        Position live(SequenceName name) {
            return new Position(name, sequence.getBaseValue(), isExhausted());
        }

        boolean isOlderThan(long otherTerm, long otherStamp) {
            return term != otherTerm ? term < otherTerm : stamp < otherStamp;
        }

        void replicated(Position position, long inTerm, long atStamp) {
            next = position.next();
            exhausted = position.exhausted();
            term = inTerm;
            stamp = atStamp;
        }

        /**
         * To where it stood, or as much further as the definition has moved it. Where its range ends before that now, all of
         * it is taken.
         */
        void advance(Position live, long moved) {
            long next = live.next() + moved;
            if (!live.exhausted() && next >= sequence.getMinValue() && next <= sequence.getMaxValue()) {
                moveTo(new Position(live.name(), next, false));
            } else if (sequence.getCycle() == Sequence.Cycle.CYCLE) {
                boolean isAscending = sequence.getIncrement() > 0;
                moveTo(new Position(live.name(), isAscending ? sequence.getMinValue() : sequence.getMaxValue(), false));
            } else {
                sequence.modify(null, null, null, null, null, Sequence.Cycle.EXHAUSTED, null);
            }
        }

        void moveTo(Position position) {
            if (position.exhausted()) {
                // an exhausted sequence has no next value; what H2 keeps there is where it goes on when it may cycle,
                // and sets
                // that only to where the sequence starts
                long start = sequence.getStartValue();
                sequence.modify(null, position.next(), null, null, null, Sequence.Cycle.EXHAUSTED, null);
                sequence.modify(null, start, null, null, null, null, null);
            } else {
                sequence.modify(position.next(), null, null, null, null, null, null);
            }
        }
    }
}
