package io.tunabledb.engine.h2.row;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.internals.SequenceState;
import io.tunabledb.engine.h2.sql.SequenceName;
import java.sql.SQLException;

/** Where the values are that statements over rows of several shards take from sequences: in one shard, for all. */
@FunctionalInterface
public interface SequenceSource {
    /** For what only reads and can't take any. */
    SequenceSource NONE = (name, count) -> {
        throw Errors.of(
                SqlState.NOT_SUPPORTED,
                "the query takes values from sequence " + name
                        + " behind a view, over rows of several shards; run it in a"
                        + " transaction (autocommit off), or name the sequence in the query itself");
    };

    /**
     * Takes values one after the other, which no other statement gets.
     *
     * @param count how many; 0 only looks
     * @return where the sequence stood before
     * @throws SQLException 90006 when there are not as many left
     */
    SequenceState take(SequenceName name, long count) throws SQLException;
}
