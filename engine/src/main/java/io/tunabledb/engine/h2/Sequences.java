package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * <p>{@code replicated} is what the log has said so far. On the leader the sequence itself may be ahead.
 */
final class Sequences {

    /** Where a sequence stood when captured: the next value it would give. */
    record Position(SequenceName name, long next, boolean exhausted) {}

    /** Positions captured together. */
    record Capture(long stamp, List<Position> positions) {
        static final Capture NONE = new Capture(0, List.of());
    }

    /** A sequence's replicated position and where it came from, as a snapshot keeps it. */
    record Kept(Position position, long term, long stamp) {}

    private final Database database;
    private Map<SequenceName, Tracked> tracked = new HashMap<>();
    private long trackedAt = -1;
    private long stamp;

    Sequences(Database database) {
        this.database = database;
    }

    /** Captures every sequence that is not where the log says it is. */
    synchronized Capture capture() {
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
    synchronized Map<Sequence, Value> taken(SessionLocal session) {
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
    synchronized void applied(long term, Capture capture, boolean move) {
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

    /** Puts every sequence where the log says it is, so that a definition meets the same on every replica. */
    synchronized void settle() {
        refresh();
        for (Map.Entry<SequenceName, Tracked> entry : tracked.entrySet()) {
            Tracked sequence = entry.getValue();
            if (sequence.isAhead()) {
                sequence.moveTo(new Position(entry.getKey(), sequence.next, sequence.exhausted));
            }
        }
    }

    /**
     * After a definition: new sequences, and those it moved, are replicated where they are. Whoever takes values of those waits
     * for the definition, so every capture that is logged after it is younger; stamps begin at 1. This replica's own stamp
     * says nothing: it may have led longer than the leader has.
     */
    synchronized void defined(long term) {
        refresh();
        tracked.forEach((name, sequence) -> {
            sequence.repair();
            if (sequence.isAhead()) {
                sequence.replicated(sequence.live(name), term, 0);
            }
        });
    }

    /** Puts every sequence where {@code to} says, as if the log had. */
    synchronized void moveAll(long term, ToLongFunction<Sequence> to) {
        refresh();
        for (Tracked each : tracked.values()) {
            // the cache size: H2 computes a negative one for some descending sequences, and then refuses it
            each.sequence.modify(to.applyAsLong(each.sequence), null, null, null, null, null, 1L);
        }
        defined(term);
    }

    /** The sequence of that name. */
    synchronized Sequence find(SequenceName name) {
        refresh();
        Tracked found = tracked.get(name);
        if (found == null) {
            throw DbException.get(ErrorCode.SEQUENCE_NOT_FOUND_1, name.name());
        }
        return found.sequence;
    }

    synchronized List<Kept> kept() {
        refresh();
        List<Kept> kept = new ArrayList<>(tracked.size());
        tracked.forEach((name, each) ->
                kept.add(new Kept(new Position(name, each.next, each.exhausted), each.term, each.stamp)));
        return kept;
    }

    synchronized void restore(List<Kept> kept) {
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
