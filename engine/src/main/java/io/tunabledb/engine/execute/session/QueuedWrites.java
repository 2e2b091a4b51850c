package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.Durations;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.message.OutboxMessage;
import io.tunabledb.engine.session.Token;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a session's own weak writes are applied, for the levels that promise to see them or to come after them. A
 * mark that some replica in reach has applied becomes an index of its shard, which is what everything else waits for. What
 * concerns one shard waits for that shard's marks; what concerns all of them at one state waits for all marks.
 */
public final class QueuedWrites {
    /** Another replica may get there first. */
    private static final Duration LOOK = Duration.ofMillis(20);
    /** For the leader's word on a write that its node does not know. */
    private static final Duration ASK = Duration.ofMillis(200);

    private QueuedWrites() {}

    /**
     * Whether a level counts the session's weak writes among its own. LINEARIZABLE does because it sees everything
     * acknowledged to this session; other sessions' weak writes are only promised to arrive.
     */
    static boolean areSeenAt(Level level) {
        return switch (level) {
            case LINEARIZABLE, SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE -> true;
            case MONOTONIC_READ, BOUNDED_STALENESS, EVENTUAL, READ_UNCOMMITTED -> false;
        };
    }

    /**
     * Waits for the session's marks in a shard if the level asks for it, and for those of the statement's token in any case.
     *
     * @return an index that covers the token's; the session's own are in its vector then
     * @throws SQLException TC001 with the numbers when they are not applied in time, TC004 for a bad token
     */
    public static long settle(ShardSession session, Rung rung, Deadline deadline) throws SQLException {
        // almost no session has any: no iterator for those
        if (session.vector().hasMarks() && areSeenAt(rung.level())) {
            for (Token.Mark mark : session.vector().marks()) {
                if (mark.shard() == session.shard()) {
                    session.vector().settled(mark, await(session, rung, mark, deadline, true));
                }
            }
        }
        long index = 0;
        for (Token.Mark mark : marksAfter(session, rung)) {
            if (mark.shard() == session.shard()) {
                index = Math.max(index, await(session, rung, mark, deadline, false));
            }
        }
        return index;
    }

    /**
     * The same in every shard.
     *
     * @throws SQLException as {@link #settle} does
     */
    public static void settleAll(SessionState state, Rung rung, Deadline deadline) throws SQLException {
        if (rung.afterToken() == null && !state.vector().hasMarks()) {
            return;
        }
        for (int shard = 0; shard < state.cluster().shards(); shard++) {
            settle(state.at(shard), rung, deadline);
        }
    }

    private static List<Token.Mark> marksAfter(ShardSession session, Rung rung) throws SQLException {
        String text = rung.afterToken();
        return text == null ? List.of() : session.decode(text).marks();
    }

    /**
     * @param isOwn whether the mark is of the session's vector, and not of the statement's token
     */
    private static long await(ShardSession session, Rung rung, Token.Mark mark, Deadline deadline, boolean isOwn)
            throws SQLException {
        session.beginWait();
        try {
            CarriedOut carriedOut = new CarriedOut(session, mark);
            while (true) {
                OutboxMessage.Mark found = carriedOut.await(deadline.atMost(LOOK));
                if (found != null) {
                    session.vector().sawEpoch(found.epoch());
                    return found.index();
                }
                // what comes in time is not asked for
                String lost = new MarkOrigin(session, mark).unknown(deadline.atMost(ASK));
                if (lost != null && !isOwn) {
                    throw Errors.of(SqlState.BAD_TOKEN, "session token can't be used: " + lost);
                }
                if (lost != null) {
                    session.vector().lost(mark);
                    throw lost(rung, lost);
                }
                if (deadline.isPast()) {
                    throw notApplied(session, rung, mark);
                }
            }
        } catch (InterruptedException e) {
            if (session.endWait()) {
                throw Errors.of(
                        SqlState.CANCELLED, "the statement was cancelled while it waited for its session's writes", e);
            }
            throw Refusals.interrupted(e);
        } finally {
            session.endWait();
        }
    }

    /** Said once: the session goes on without what it can't see any more. */
    private static SQLException lost(Rung rung, String why) {
        return Errors.of(
                SqlState.LEVEL_NOT_MET,
                rung.text() + " can't be met: the session's EVENTUAL " + why
                        + "; this is said once and the session goes on without it: see whether its effect is there,"
                        + " and write it again if not");
    }

    private static SQLException notApplied(ShardSession session, Rung rung, Token.Mark mark) {
        long most = new CarriedOut(session, mark).upTo(Deadline.in(LOOK));
        Duration tried = patience(session, rung);
        return Errors.of(
                SqlState.LEVEL_NOT_MET,
                rung.text() + " can't be met within " + Durations.text(tried) + ": the session's EVENTUAL write "
                        + mark.number() + " waits in the outbox of n" + mark.node() + ", which shard " + mark.shard()
                        + " has carried out up to " + most
                        + " as far as the replicas in reach know; SHOW CONSISTENCY OUTBOX says why; wait and try "
                        + "again, or read at EVENTUAL");
    }

    private static Duration patience(ShardSession session, Rung rung) {
        @Nullable Duration within = rung.within();
        return within == null ? session.consistencyTimeout() : within;
    }
}
