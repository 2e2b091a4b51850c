package io.tunabledb.engine.h2.gather;

import io.tunabledb.engine.h2.internals.SequenceState;
import io.tunabledb.engine.h2.row.SequenceSource;
import io.tunabledb.engine.h2.row.Tables;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;

/**
 * The sequences of a private database while a statement runs there. The statement runs first on what the sequences are
 * expected to give; then as many values as it took are taken where they really are. If another statement took some of them
 * meanwhile, the statement runs again, on those that it has got then.
 */
final class PrivateSequences {
    private final SessionLocal session;
    private final SequenceSource source;
    private final Map<SequenceName, Sequence> sequences = new LinkedHashMap<>();
    private final Map<SequenceName, SequenceState> starts = new HashMap<>();
    /** How many values from its start on are this statement's own. */
    private final Map<SequenceName, Long> owned = new HashMap<>();

    private final Set<SequenceName> mirrored = new HashSet<>();

    /** @param tables whose identity columns are to give values that rows keep */
    PrivateSequences(SessionLocal session, SequenceSource source, Set<MVTable> tables) {
        this.session = session;
        this.source = source;
        for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
            for (Sequence sequence : schema.getAllSequences()) {
                if (!sequence.getBelongsToTable()) {
                    sequences.put(new SequenceName(schema.getName(), "", sequence.getName()), sequence);
                }
            }
        }
        for (MVTable table : tables) {
            for (Column column : table.getColumns()) {
                Sequence sequence = column.getSequence();
                if (sequence != null && sequence.getBelongsToTable()) {
                    TableName name = Tables.nameOf(table);
                    sequences.put(new SequenceName(name.schema(), name.name(), column.getName()), sequence);
                }
            }
        }
        sequences.forEach((name, sequence) -> starts.put(name, SequenceState.of(sequence, session)));
    }

    /** Puts those of these that are here where the real ones are. */
    void mirror(Set<SequenceName> names) throws SQLException {
        for (SequenceName name : names) {
            if (sequences.containsKey(name) && mirrored.add(name)) {
                start(name, source.take(name, 0));
            }
        }
    }

    private void start(SequenceName name, SequenceState state) {
        starts.put(name, state);
        state.put(Objects.requireNonNull(sequences.get(name)), session);
    }

    /**
     * After the statement has run: takes what it took.
     *
     * @return false when it has to run again, since what it was given belongs to another statement
     */
    boolean settle() throws SQLException {
        Map<SequenceName, Long> moved = moved();
        if (moved.isEmpty()) {
            return true;
        }
        if (!mirrored.containsAll(moved.keySet())) {
            mirror(moved.keySet());
            restart();
            return false;
        }
        boolean isRight = true;
        for (Map.Entry<SequenceName, Long> each : moved.entrySet()) {
            SequenceName name = each.getKey();
            if (each.getValue() > owned.getOrDefault(name, 0L)) {
                SequenceState before = source.take(name, each.getValue());
                isRight &= before.isAt(Objects.requireNonNull(starts.get(name)));
                starts.put(name, before);
                owned.put(name, each.getValue());
            }
        }
        if (!isRight) {
            restart();
        }
        return isRight;
    }

    private void restart() {
        starts.forEach((name, state) -> state.put(Objects.requireNonNull(sequences.get(name)), session));
    }

    private Map<SequenceName, Long> moved() {
        Map<SequenceName, Long> moved = new LinkedHashMap<>();
        sequences.forEach((name, sequence) -> {
            SequenceState start = Objects.requireNonNull(starts.get(name));
            long count = start.taken(SequenceState.of(sequence, session), sequence);
            if (count > 0) {
                moved.put(name, count);
            }
        });
        return moved;
    }
}
