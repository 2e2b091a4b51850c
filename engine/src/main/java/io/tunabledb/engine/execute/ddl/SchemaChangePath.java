package io.tunabledb.engine.execute.ddl;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Asking;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.PendingSchemaChange;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.Underway;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.SchemaMessage;
import io.tunabledb.engine.message.SchemaMessage.Trial;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.Replicas;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.log.TransactionId;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a schema change in one shard: one log entry that every replica executes. */
final class SchemaChangePath {
    private static final String WHAT = "schema change";
    private static final Logger LOG = LoggerFactory.getLogger(SchemaChangePath.class);
    /** Gets every schema change before the others. */
    private static final int FIRST = 0;

    private static final Duration AGREEMENT = Duration.ofSeconds(1);

    private final ShardSession session;
    private final SchemaTurn turn;
    private final Leaders leaders;
    private final Duration patience;

    /**
     * @param patience how long a schema change may take; rebuilding a large table takes longer than a write
     */
    SchemaChangePath(ShardSession session, SchemaTurn turn, Duration patience) {
        this.session = session;
        this.turn = turn;
        this.leaders = new Leaders(session);
        this.patience = patience;
    }

    /**
     * Finds out whether a change would stop the replicas that execute it; changes nothing. Before anything says that it has
     * begun, because what has begun is finished.
     */
    void preflight(PendingSchemaChange change) throws SQLException {
        if (tried(new SchemaMessage.Preflight(turn.in(change.definition()), patience)) instanceof Trial.Failed failed) {
            throw error(failed);
        }
    }

    /** At whoever leads now. */
    private Trial tried(Message<Trial> trial) throws SQLException {
        int leader = leaders.await("the " + WHAT, session.consistencyTimeout(), Deadline.in(patience))
                .replica()
                .node();
        IOException lost = null;
        Trial answer = null;
        boolean isCancelled;
        session.beginWait();
        try {
            answer = Asking.answer(session.state(), leader, trial, patience);
        } catch (IOException e) {
            lost = e;
        } finally {
            isCancelled = session.endWait();
        }
        if (isCancelled) {
            throw Errors.of(
                    SqlState.CANCELLED, "the " + WHAT + " was cancelled while it was tried; nothing was changed", lost);
        }
        if (answer == null) {
            throw Errors.of(
                    SqlState.CANNOT_CONNECT,
                    "the " + WHAT + " could not be tried at n" + leader + ": "
                            + (lost == null ? "no answer" : lost.getMessage()) + "; nothing was changed, try again",
                    lost);
        }
        return answer;
    }

    private static SQLException error(Trial.Failed trial) {
        SchemaChangeResult result = trial.result();
        return SqlErrors.of(result.message(), result.sqlState(), result.errorCode());
    }

    /**
     * Finds out whether a change would fail on this shard's rows; changes nothing.
     *
     * @param maxRows how many rows may be copied for that: copying 200,000 takes about a second
     * @throws SQLException as it would fail; TC006 when there are more rows, and other shards would have the change already
     *     when it fails here
     */
    void tryOut(PendingSchemaChange change, long maxRows) throws SQLException {
        Trial trial = tried(new SchemaMessage.TryOut(session.shard(), turn.in(change.definition()), maxRows, patience));
        if (trial instanceof Trial.TooManyRows) {
            if (session.shard() == FIRST) {
                // no other has it when it fails here
                LOG.info("shard {} has too many rows to try a schema change first", session.shard());
                return;
            }
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "shard " + session.shard() + " has more than maxTrialRows=" + maxRows + " rows in "
                            + change.tables().stream().map(TableName::toString).collect(Collectors.joining(", "))
                            + ", too many to try the schema change on a copy of them first; nothing was changed. Raise"
                            + " the property when the database is opened, if memory allows, or create a new table and"
                            + " fill it in parts");
        } else if (trial instanceof Trial.Failed failed) {
            throw error(failed);
        }
    }

    /**
     * Executes a change on every replica of the shard, unless the shard has it already, and answers what it came to.
     *
     * @throws FailedSchemaChangeException its outcome is an error
     * @throws LostTurnException the turn is lost, and nothing of it is proposed
     */
    Result define(PendingSchemaChange change, Agreement agreement) throws SQLException {
        long startedNanos = System.nanoTime();
        Deadline deadline = Deadline.in(patience);
        for (int attempt = 1; ; attempt++) {
            ShardLeader leader = leaders.await("the " + WHAT, session.consistencyTimeout(), deadline);
            Resolution resolution = tryOnce(leader, change, deadline);
            if (resolution instanceof Resolution.Committed committed) {
                session.wrote(committed.index());
                awaitAgreement(leader, committed.index(), deadline);
                Outcome.Failure error = committed.outcome().error();
                if (error != null) {
                    throw new FailedSchemaChangeException(error.exception());
                }
                long[] counts = committed.outcome().counts();
                Receipt receipt = new Receipt(
                        agreement.asked(),
                        agreement.decidedBy(),
                        agreement.granted().first(),
                        agreement.reason(),
                        List.of(new Receipt.Served(
                                session.shard(),
                                leader.replica().nodeName(),
                                "LEADER",
                                committed.index(),
                                0,
                                Duration.ZERO,
                                Duration.ofNanos(System.nanoTime() - startedNanos))),
                        attempt,
                        change.tables().stream().map(TableName::toString).toList());
                return new Result(null, counts.length == 0 ? 0 : counts[0], null, receipt, null);
            }
            if (deadline.isPast()) {
                throw Refusals.noMajority("the " + WHAT, patience, session, null);
            }
            turn.requireHeld(deadline);
        }
    }

    /**
     * A schema change is answered when every replica the leader reaches has it (Cassandra calls this schema agreement):
     * without it another session, on a replica a moment behind, would not find a table that was just created. A replica
     * that can't keep up holds the answer up for a second at most.
     */
    private void awaitAgreement(ShardLeader leader, long index, Deadline deadline) {
        int from = leader.replica().node();
        List<Replica> reached = session.replicas().stream()
                .filter(replica -> replica.isAlive() && session.cluster().reaches(from, replica.node()))
                .toList();
        try {
            for (Replica replica : Replicas.awaitApplied(reached, index, deadline.atMost(AGREEMENT))) {
                LOG.info("{} has not applied the schema change at {} yet", replica.nodeName(), index);
            }
        } catch (InterruptedException e) {
            // it is done; only that others see it at once was waited for
            Thread.currentThread().interrupt();
        }
    }

    private Resolution tryOnce(ShardLeader leader, PendingSchemaChange change, Deadline deadline) throws SQLException {
        TransactionId transactionId = change.transactionId();
        long term = leader.replica().status().term();
        if (!session.leadEpoch(leader, deadline)) {
            return new Resolution.NotCommitted();
        }
        Underway underway = session.state().underway();
        boolean isFirst = false;
        Resolution resolution = null;
        try {
            Outcome known = change.isRepeated()
                    ? leader.replica().outcome(transactionId.session(), transactionId.number())
                    : null;
            if (known != null) {
                resolution = new Resolution.Committed(leader.replica().applied(), known);
                return resolution;
            }
            DiskRoom.requireForCommit(session.cluster(), WHAT);
            isFirst = underway.propose(leader::giveUpDefinition, true);
            resolution = await(propose(leader, change, isFirst), leader, transactionId, term, deadline);
            return resolution;
        } catch (NotLeaderException e) {
            resolution = new Resolution.NotCommitted();
            return resolution;
        } finally {
            if (resolution == null) {
                // the caller is told that nobody knows, or nothing of it is proposed
                var unused = leader.giveUpDefinition();
            }
            underway.landed();
            if (isFirst && resolution instanceof Resolution.NotCommitted) {
                underway.withdraw();
            }
        }
    }

    /** Nothing is proposed when it throws. */
    private CompletableFuture<ShardLeader.Defined> propose(
            ShardLeader leader, PendingSchemaChange change, boolean isFirst) throws SQLException {
        Underway underway = session.state().underway();
        try {
            return leader.define(
                    change.transactionId(), turn.in(change.definition()), change.tables(), change.everywhere(), () -> {
                        turn.requireAt(leader);
                        if (isFirst) {
                            underway.requireNotGivenUp();
                        }
                    });
        } catch (SQLException e) {
            if (isFirst) {
                underway.withdraw();
            }
            throw e;
        } catch (InterruptedException e) {
            if (isFirst) {
                underway.withdraw();
                throw Refusals.interrupted(e);
            }
            Thread.currentThread().interrupt();
            throw Refusals.unknownSinceEnded(WHAT, false, e);
        }
    }

    private Resolution await(
            CompletableFuture<ShardLeader.Defined> proposed,
            ShardLeader leader,
            TransactionId transactionId,
            long term,
            Deadline deadline)
            throws SQLException {
        session.beginWait();
        try {
            ShardLeader.Defined defined = deadline.await(proposed);
            session.sawEpoch(leader.replica());
            return new Resolution.Committed(defined.at().index(), defined.outcome());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotLeaderException) {
                return new Resolution.NotCommitted();
            }
            Resolution resolution = leaders.resolve(transactionId, term, deadline);
            if (resolution == null) {
                throw Refusals.outcomeUnknown(WHAT, patience, session, e);
            }
            return resolution;
        } catch (TimeoutException e) {
            throw Refusals.outcomeUnknown(WHAT, patience, session, e);
        } catch (InterruptedException e) {
            boolean isCancelled = session.endWait();
            if (!isCancelled) {
                Thread.currentThread().interrupt();
            }
            throw Refusals.unknownSinceEnded(WHAT, isCancelled, e);
        } finally {
            session.endWait();
        }
    }
}
