package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.read.Cuts;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.shard.cut.CutPin;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Begins a transaction above READ COMMITTED in all shards at once, with one cut as what it sees: which of them it will come to
 * nobody knows yet, and a snapshot that a shard took later would show what others committed in between. From there on it is
 * snapshot isolation as each storage gives it: who changes a row that another has changed and committed behind the cut gets 40001.
 *
 * <p>It costs a cut, and a transaction at every leader. It fails with TC002 when there is no cut in time.
 */
public final class TransactionCut {
    private final SessionState state;
    private final IntFunction<WritePath> paths;
    private final Cuts cuts;

    /** @param paths the session's way to write a shard */
    public TransactionCut(SessionState state, IntFunction<WritePath> paths) {
        this.state = state;
        this.paths = paths;
        this.cuts = new Cuts(state, true);
    }

    /** Whether the transaction that begins now needs it. */
    public boolean isNeeded() {
        return state.cluster().shards() > 1
                && state.mode().effectiveIsolation() > Connection.TRANSACTION_READ_COMMITTED;
    }

    /**
     * Begins it in every shard.
     *
     * @param rung of its first statement
     */
    public void begin(Rung rung) throws SQLException {
        Duration patience = Objects.requireNonNullElse(rung.within(), state.consistencyTimeout());
        Deadline deadline = Deadline.in(patience);
        boolean begun = false;
        try {
            List<CutPin> pins = cuts.take(
                    replica -> paths.apply(replica.shard()).readyForCut(replica, rung, deadline),
                    rung,
                    patience,
                    deadline);
            if (PendingSchemaChange.isHalfDone(pins.get(0).settings(), null)) {
                throw new StalePlanException("a schema change is in some shards and not yet in others");
            }
            for (int shard = 0; shard < pins.size(); shard++) {
                paths.apply(shard).begunAt(pins.get(shard));
            }
            begun = true;
        } finally {
            for (int shard = 0; !begun && shard < state.cluster().shards(); shard++) {
                paths.apply(shard).forgetReady();
            }
        }
    }
}
