package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.negotiate.Agreement;
import java.sql.SQLException;
import java.util.List;

/**
 * Tries the rungs of an autocommit write one after the other. The next is tried only when a rung's time is really over and
 * it is certain that nothing was committed: no leader was found, or what was proposed is void. A write of unknown outcome
 * (08007) is never repeated, and an error of the statement itself is no reason to.
 */
public final class WriteLadder {

    private WriteLadder() {}

    /** One try. */
    public interface Try<T> {
        /** Writes at the first rung granted. */
        T at(Agreement agreement) throws SQLException;
    }

    /**
     * The result of the first rung that is met.
     *
     * @param autoCommit whether the write is a transaction of its own; in an explicit one only the first rung is tried,
     *     because a transaction that failed can't go on
     * @throws SQLException the last rung's refusal, or what is none
     */
    public static <T> T run(Agreement agreement, boolean autoCommit, Try<T> write) throws SQLException {
        Agreement current = agreement;
        while (true) {
            List<Rung> rungs = current.granted().rungs();
            try {
                return write.at(current);
            } catch (SQLException e) {
                if (!autoCommit || rungs.size() == 1 || !isCertain(e, rungs.get(0))) {
                    throw e;
                }
                current = lower(current);
            }
        }
    }

    /** The agreement without its first rung. */
    static Agreement lower(Agreement agreement) {
        List<Rung> rungs = agreement.granted().rungs();
        String missed = rungs.get(0).text() + " was not met";
        String reason = agreement.reason();
        return new Agreement(
                agreement.asked(),
                agreement.decidedBy(),
                new Ladder(rungs.subList(1, rungs.size())),
                reason == null ? missed : reason + "; " + missed,
                agreement.notices());
    }

    /** A refusal before anything was committed; at ACK ALL the write is committed before its level is missed. */
    private static boolean isCertain(SQLException e, Rung rung) {
        String state = e.getSQLState();
        return SqlState.NO_MAJORITY.code().equals(state)
                || SqlState.CANNOT_CONNECT.code().equals(state)
                || (SqlState.LEVEL_NOT_MET.code().equals(state) && !rung.ackAll());
    }
}
