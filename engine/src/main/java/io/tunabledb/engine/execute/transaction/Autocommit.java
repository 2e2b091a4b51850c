package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.BatchFailures;
import io.tunabledb.engine.execute.session.Executed;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.Replicas;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.validation.ConflictException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One write, or one batch of it, that is a transaction of its own. A try that certainly was not committed is repeated on
 * the next leader, under the same number: the ledger answers for whichever of the tries was committed.
 */
final class Autocommit {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ShardSession session;
    private final LeaderStatements statements;
    private final Leaders leaders;
    private final Commits commits;
    private WritePath.Write write;
    private final List<Parameters> batch;
    private Rung rung;
    private final long startedNanos = System.nanoTime();
    private final Duration patience;
    private final Deadline deadline;
    private final long number;
    private int attempts;
    /** Which other transaction's change forbade the last try, or null. */
    private @Nullable String conflict;

    Autocommit(
            ShardSession session,
            LeaderStatements statements,
            Leaders leaders,
            WritePath.Write write,
            List<Parameters> batch) {
        this.session = session;
        this.statements = statements;
        this.leaders = leaders;
        this.commits = new Commits(session, leaders);
        this.write = write;
        this.batch = batch;
        this.rung = write.agreement().granted().first();
        this.patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        this.deadline = Deadline.in(patience, startedNanos);
        this.number = session.nextNumber();
    }

    List<Result> run() throws SQLException {
        while (true) {
            attempts++;
            ShardLeader leader = leaders.await("the write", patience, deadline);
            conflict = null;
            ActiveTransaction held = statements.begin(leader, rung, deadline);
            List<Result> results = held == null ? null : tryOnce(leader, held);
            if (results != null) {
                return results;
            }
            if (deadline.isPast()) {
                throw conflict != null
                        ? Refusals.rolledBack(conflict, null)
                        : Refusals.noMajority("the write", patience, session, null);
            }
            if (conflict != null) {
                // what it met is being committed, which takes about so long
                LockSupport.parkNanos(Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(attempts, 10)));
            } else {
                // it does not lead any more, or lets nobody in yet
                leaders.pauseWithin("the write", patience, deadline);
            }
        }
    }

    /** Null when the try certainly left nothing behind and may be repeated. */
    private @Nullable List<Result> tryOnce(ShardLeader leader, ActiveTransaction held) throws SQLException {
        List<Executed> executed = new ArrayList<>(batch.size());
        BatchFailures failures = new BatchFailures();
        byte[] changes;
        boolean handed = false;
        try {
            statements.catchUp(leader, rung, deadline, patience);
            if (!execute(leader, held, executed, failures) || !held.enter()) {
                return null;
            }
            try {
                changes = LeaderStatements.changes(held);
            } finally {
                held.leave();
            }
            if (changes == null) {
                List<Result> results = endUnchanged(leader, held, executed);
                handed = results != null;
                if (handed) {
                    failures.throwIfAny();
                }
                return results;
            }
            handed = true;
        } finally {
            if (!handed) {
                leader.rollBack(held);
            }
        }
        Resolution resolution = commits.commit(
                leader,
                held,
                new Commits.Proposal(changes, number, Executed.outcome(executed), false, "write"),
                deadline,
                patience,
                () -> statements.abandon(leader));
        if (!(resolution instanceof Resolution.Committed committed)) {
            conflict = ((Resolution.NotCommitted) resolution).conflict();
            return null;
        }
        session.wrote(committed.index());
        if (rung.ackAll()) {
            acknowledgeAll(committed.index());
        }
        failures.throwIfAny();
        return results(executed, leader, committed.index());
    }

    /** False when the transaction was rolled back under it. A single statement's failure is thrown. */
    private boolean execute(ShardLeader leader, ActiveTransaction held, List<Executed> executed, BatchFailures failures)
            throws SQLException {
        for (Parameters parameters : batch) {
            try {
                Executed one = statements.execute(leader, held, write, parameters, deadline);
                executed.add(one);
                failures.succeeded(one.count());
            } catch (SQLException e) {
                if (!held.isOpen() || (held.writer().isShut() && !BatchFailures.isForAll(e))) {
                    return false;
                }
                if (batch.size() == 1 || e instanceof StalePlanException || BatchFailures.isForAll(e)) {
                    throw e;
                }
                failures.failed(e);
                executed.add(Executed.FAILED);
            }
        }
        return true;
    }

    /**
     * There is nothing to log, but the answer "0 rows" must not come from a leader that was deposed meanwhile: null then.
     */
    private @Nullable List<Result> endUnchanged(ShardLeader leader, ActiveTransaction held, List<Executed> executed) {
        if (!LeaderStatements.confirmLeadership(leader, deadline)) {
            return null;
        }
        long seen = leader.replica().applying();
        try {
            leader.endUnchanged(held);
        } catch (ConflictException e) {
            conflict = e.getMessage();
            return null;
        } catch (NotLeaderException e) {
            return null;
        }
        session.sawRead(seen);
        return results(executed, leader, seen);
    }

    private List<Result> results(List<Executed> executed, ShardLeader leader, long index) {
        Receipt receipt = LeaderStatements.receipt(
                write, rung, leader.replica(), index, attempts, System.nanoTime() - startedNanos);
        List<Result> results = new ArrayList<>(executed.size());
        for (Executed one : executed) {
            results.add(new Result(one.rows(), one.count(), one.keyRows(), receipt, null));
        }
        return results;
    }

    /** ACK ALL; missed, the write counts as what it is, acknowledged by a majority, if a rung that follows asks that. */
    private void acknowledgeAll(long index) throws SQLException {
        try {
            awaitAll(index);
        } catch (SQLTimeoutException e) {
            Agreement agreement = write.agreement();
            while (agreement.granted().first().ackAll()) {
                if (agreement.granted().rungs().size() == 1) {
                    throw e;
                }
                agreement = WriteLadder.lower(agreement);
            }
            write = write.by(agreement);
            rung = agreement.granted().first();
        }
    }

    /** The write is committed; this waits until no replica lacks it. */
    private void awaitAll(long index) throws SQLException {
        List<Replica> lagging;
        try {
            lagging = Replicas.awaitApplied(session.replicas(), index, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.of(
                    SqlState.LEVEL_NOT_MET,
                    "the thread was interrupted while it waited for ACK ALL: the write IS committed at index " + index
                            + "; do not repeat it",
                    e);
        }
        if (!lagging.isEmpty()) {
            Replica first = lagging.get(0);
            throw Errors.of(
                    SqlState.LEVEL_NOT_MET,
                    "ACK ALL can't be met within " + patience.toMillis() + " ms: the write IS committed at index "
                            + index + ", but " + first.nodeName() + " has applied only " + first.applied()
                            + "; do not repeat the write, heal that node");
        }
    }
}
