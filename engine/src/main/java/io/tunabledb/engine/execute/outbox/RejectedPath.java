package io.tunabledb.engine.execute.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.transaction.Commits;
import io.tunabledb.engine.execute.transaction.LeaderStatements;
import io.tunabledb.engine.h2.Replay;
import io.tunabledb.engine.h2.catalog.RejectedWrite;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.outbox.EntryExecution;
import io.tunabledb.engine.outbox.OutboxEntry;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Retries and dismisses weak writes that one shard rejected: each in one transaction at its leader, acknowledged by a majority. */
final class RejectedPath {
    private final ShardSession session;
    private final Leaders leaders;
    private final Commits commits;

    RejectedPath(ShardSession session) {
        this.session = session;
        this.leaders = new Leaders(session);
        this.commits = new Commits(session, leaders);
    }

    /** The ids of those that are there now, as the leader knows them. */
    List<Long> ids() throws SQLException {
        Deadline deadline = Deadline.in(session.consistencyTimeout());
        ShardLeader leader = leaders.await("the rejected writes", session.consistencyTimeout(), deadline);
        if (!LeaderStatements.confirmLeadership(leader, deadline)) {
            throw Refusals.noMajority("the rejected writes", session.consistencyTimeout(), session, null);
        }
        return leader.replica().storage().own().rejectedWrites().stream()
                .map(RejectedWrite::id)
                .toList();
    }

    /**
     * Executes one again, as of the time it was accepted, and forgets it.
     *
     * @return how many rows it changed
     * @throws SQLException what it fails with, and then it stays; 22023 when there is none of that id
     */
    long retry(long id) throws SQLException {
        return carryOut(id, true);
    }

    /** Forgets one. */
    void dismiss(long id) throws SQLException {
        carryOut(id, false);
    }

    private long carryOut(long id, boolean isExecuted) throws SQLException {
        Duration patience = session.consistencyTimeout();
        Deadline deadline = Deadline.in(patience);
        long number = session.nextNumber();
        while (true) {
            ShardLeader leader = leaders.await("the rejected write", patience, deadline);
            Long rows = tryOnce(leader, id, isExecuted, number, deadline, patience);
            if (rows != null) {
                return rows;
            }
            if (deadline.isPast()) {
                throw Refusals.noMajority("the rejected write", patience, session, null);
            }
        }
    }

    /** Null when the leader changed and nothing was done. */
    private @Nullable Long tryOnce(
            ShardLeader leader, long id, boolean isExecuted, long number, Deadline deadline, Duration patience)
            throws SQLException {
        OutboxEntry entry = entry(leader, id, deadline);
        Replay replay = EntryExecution.open(leader, isExecuted ? entry.settings() : List.of());
        boolean isPending = false;
        try {
            ActiveTransaction held = leader.begin(replay.writer(), session.id());
            long rows;
            byte[] changes;
            boolean isProposed = false;
            try {
                if (!enter(leader, held, deadline)) {
                    return null;
                }
                try {
                    if (replay.writer().own().takeRejected(id) == null) {
                        throw none(id);
                    }
                    if (isExecuted) {
                        requireHere(replay, entry);
                    }
                    rows = isExecuted ? EntryExecution.execute(replay, entry) : 0;
                    changes = replay.writer().changes();
                } finally {
                    held.leave();
                    leader.exitStatement();
                }
                isProposed = changes != null;
            } finally {
                if (!isProposed) {
                    leader.rollBack(held);
                }
            }
            if (changes == null) {
                throw none(id);
            }
            isPending = true;
            Resolution resolution = commits.commit(
                    leader,
                    held,
                    new Commits.Proposal(changes, number, Outcome.count(rows), false, "rejected write"),
                    deadline,
                    patience,
                    () -> {});
            isPending = false;
            if (!(resolution instanceof Resolution.Committed committed)) {
                return null;
            }
            session.wrote(committed.index());
            return rows;
        } catch (NotLeaderException e) {
            return null;
        } finally {
            // a transaction of unknown outcome belongs to the apply thread; storage closes it with itself
            if (!isPending) {
                replay.writer().close();
            }
        }
    }

    private void requireHere(Replay replay, OutboxEntry entry) throws SQLException {
        String schema = replay.writer().connection().getSchema();
        if (session.cluster().rerouting().isElsewhere(session.shard(), entry, schema)) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "the rejected write's tables have changed shards since it was accepted; run the statement itself, and"
                            + " dismiss this");
        }
    }

    private boolean enter(ShardLeader leader, ActiveTransaction held, Deadline deadline) throws SQLException {
        try {
            if (!leader.enterStatement(deadline)) {
                throw Refusals.blockedByDefinition(session);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        if (held.enter()) {
            return true;
        }
        leader.exitStatement();
        return false;
    }

    private OutboxEntry entry(ShardLeader leader, long id, Deadline deadline) throws SQLException {
        if (!LeaderStatements.confirmLeadership(leader, deadline)) {
            throw Refusals.noMajority("the rejected write", session.consistencyTimeout(), session, null);
        }
        for (RejectedWrite rejected : leader.replica().storage().own().rejectedWrites()) {
            if (rejected.id() == id) {
                return OutboxEntry.decode(rejected.entry());
            }
        }
        throw none(id);
    }

    private static SQLException none(long id) {
        return Errors.of(
                SqlState.INVALID_ARGUMENT,
                "there is no rejected write " + id + " (any more); SELECT * FROM TUNABLE.REJECTED_WRITES shows them");
    }
}
