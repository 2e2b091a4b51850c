package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.Underway;
import io.tunabledb.engine.heap.Watermark;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Takes a held transaction to its outcome: committed, certainly not committed, or 08007. */
public final class Commits {
    /** Small enough for any bound, whatever its outcome. */
    private static final int ALWAYS_FITS_BYTES = 1 << 12;

    private final ShardSession session;
    private final Leaders leaders;

    public Commits(ShardSession session, Leaders leaders) {
        this.session = session;
        this.leaders = leaders;
    }

    /**
     * What is to be committed.
     *
     * @param what how errors call it
     * @param settings whether the catalog changes with it
     */
    public record Proposal(byte[] changes, long number, Outcome outcome, boolean settings, String what) {}

    /**
     * Proposes and waits.
     *
     * @param abandon called when the storage session must not be used again, because its transaction is still pending
     */
    public Resolution commit(
            ShardLeader leader,
            ActiveTransaction held,
            Proposal proposal,
            Deadline deadline,
            Duration patience,
            Runnable abandon)
            throws SQLException {
        requireFits(leader, held, proposal);
        requireDisk(leader, held, proposal);
        if (!session.leadEpoch(leader, deadline)) {
            leader.rollBack(held);
            return new Resolution.NotCommitted();
        }
        TransactionId transactionId = new TransactionId(session.id(), proposal.number);
        Underway underway = session.state().underway();
        boolean isFirst;
        try {
            isFirst = underway.propose(() -> leader.giveUp(held), proposal.settings);
        } catch (SQLException e) {
            leader.rollBack(held);
            throw e;
        }
        Resolution resolution = null;
        try {
            resolution = propose(leader, held, proposal, transactionId, deadline, patience, abandon);
            return resolution;
        } finally {
            if (resolution == null) {
                // the caller is told that nobody knows
                var unused = leader.giveUp(held);
            }
            underway.landed();
            if (isFirst && resolution instanceof Resolution.NotCommitted) {
                underway.withdraw();
            }
        }
    }

    private Resolution propose(
            ShardLeader leader,
            ActiveTransaction held,
            Proposal proposal,
            TransactionId transactionId,
            Deadline deadline,
            Duration patience,
            Runnable abandon)
            throws SQLException {
        CompletableFuture<LogPosition> applied;
        try {
            applied = leader.commit(held, proposal.changes, transactionId, proposal.outcome, proposal.settings);
        } catch (NotLeaderException e) {
            leader.rollBack(held);
            return new Resolution.NotCommitted();
        } catch (ConflictException e) {
            leader.rollBack(held);
            return new Resolution.NotCommitted(e.getMessage());
        }
        session.beginWait();
        try {
            LogPosition at = deadline.await(applied);
            session.sawEpoch(leader.replica());
            // logged in another term than it ran in, it is void on every replica
            return at.term() == held.term()
                    ? new Resolution.Committed(at.index(), proposal.outcome)
                    : new Resolution.NotCommitted();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotLeaderException) {
                leader.rollBack(held);
                return new Resolution.NotCommitted();
            }
            abandon.run();
            Resolution resolution = leaders.resolve(transactionId, held.term(), deadline);
            if (resolution == null) {
                throw Refusals.outcomeUnknown(proposal.what, patience, session, e);
            }
            return resolution;
        } catch (TimeoutException e) {
            abandon.run();
            throw Refusals.outcomeUnknown(proposal.what, patience, session, e);
        } catch (InterruptedException e) {
            abandon.run();
            throw endedWait(proposal.what, e);
        } finally {
            session.endWait();
        }
    }

    private SQLException endedWait(String what, InterruptedException e) {
        boolean isCancelled = session.endWait();
        if (!isCancelled) {
            Thread.currentThread().interrupt();
        }
        return Refusals.unknownSinceEnded(what, isCancelled, e);
    }

    /** TC007, rolled back, when the disks of a majority take nothing: in the log it would wait with its locks. */
    private void requireDisk(ShardLeader leader, ActiveTransaction held, Proposal proposal) throws SQLException {
        try {
            DiskRoom.requireForCommit(session.cluster(), proposal.what);
        } catch (SQLException e) {
            leader.rollBack(held);
            throw e;
        }
    }

    /** TC006, rolled back, when the heap would be nearly full with what comes to the other replicas. */
    private void requireRoom(ShardLeader leader, ActiveTransaction held, Proposal proposal) throws SQLException {
        try {
            session.state()
                    .watermark()
                    .requireRoomFor(
                            proposal.what,
                            proposal.changes.length,
                            held.writer().growth(),
                            session.cluster().nodes());
        } catch (SQLException e) {
            leader.rollBack(held);
            throw e;
        }
    }

    /** TC006, rolled back, when the changes and the answer kept with them are over the bound of an entry. */
    private void requireFits(ShardLeader leader, ActiveTransaction held, Proposal proposal) throws SQLException {
        int most = session.cluster().maxTransactionBytes();
        long bytes = proposal.changes.length;
        if (bytes > ALWAYS_FITS_BYTES) {
            bytes += proposal.outcome.encode().length;
        }
        if (bytes > Watermark.SMALL_BYTES) {
            requireRoom(leader, held, proposal);
        }
        if (bytes > most) {
            leader.rollBack(held);
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "the " + proposal.what + " changes " + bytes + " bytes and was rolled back; maxTransaction=" + most
                            + " bytes: split it, or raise the property when the database is opened");
        }
    }
}
