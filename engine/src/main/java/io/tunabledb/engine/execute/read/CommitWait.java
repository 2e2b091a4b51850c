package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Durations;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.negotiate.Agreement;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the answers that may cause something elsewhere until every shard has closed the epochs before theirs: that a write
 * is committed, and what LINEARIZABLE statements have seen. Only the answer waits, the work is done; and only while a cut
 * is being taken, a few milliseconds.
 */
public final class CommitWait {
    private final SessionState state;

    public CommitWait(SessionState state) {
        this.state = state;
    }

    /**
     * Before a statement's answer is given.
     *
     * @param isCommitted whether it was a transaction of its own
     * @throws SQLException 08007 for a write, TC001 for a read, when a cut that was begun can't be ended in time
     */
    public void answer(@Nullable Receipt receipt, boolean isCommitted) throws SQLException {
        if (receipt == null || state.isReleased()) {
            // almost always
            return;
        }
        if (isCommitted && receipt.granted().level() != Level.EVENTUAL) {
            committed("write");
        } else if (isTelling(receipt.granted())) {
            await(receipt.granted());
        }
    }

    /** Before the answer that a transaction is committed. */
    public void committed(String what) throws SQLException {
        if (!isReleased()) {
            throw Errors.of(
                    SqlState.OUTCOME_UNKNOWN,
                    "the " + what + " IS committed, but " + unreleased()
                            + "; do not repeat it: it shows as soon as they are");
        }
    }

    /** Before an error is given: it, too, may tell of rows, and of those elements of a batch that are committed. */
    public void failure(SQLException failure, Agreement agreement) throws SQLException {
        boolean isTelling = agreement.granted().rungs().stream().anyMatch(this::isTelling)
                && !ReadPath.isRefusal(failure)
                && !SqlState.RETRY_TRANSACTION.code().equals(failure.getSQLState())
                && !SqlState.OUTCOME_UNKNOWN.code().equals(failure.getSQLState());
        if ((isTelling || failure instanceof BatchUpdateException) && !isReleased()) {
            throw Errors.of(SqlState.LEVEL_NOT_MET, "the statement failed, but " + unreleased(), failure);
        }
    }

    /** SEQUENTIAL over several shards is served as LINEARIZABLE. */
    private boolean isTelling(Rung rung) {
        return rung.level() == Level.LINEARIZABLE
                || (rung.level() == Level.SEQUENTIAL && state.vector().isOverSeveralShards());
    }

    private void await(Rung rung) throws SQLException {
        if (!isReleased()) {
            throw Errors.of(
                    SqlState.LEVEL_NOT_MET,
                    rung.text() + " can't be met: " + unreleased()
                            + "; wait and try again, or read at READ_YOUR_WRITE or weaker");
        }
    }

    private boolean isReleased() throws SQLException {
        try {
            return state.awaitReleased(Deadline.in(state.consistencyTimeout()));
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    private String unreleased() {
        return "a cut through all shards was begun and not ended within "
                + Durations.text(state.consistencyTimeout()) + ", because shard 0 has no majority in reach"
                + state.at(0).describeLeader();
    }
}
