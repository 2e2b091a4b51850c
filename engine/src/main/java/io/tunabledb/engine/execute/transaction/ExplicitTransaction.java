package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Executed;
import io.tunabledb.engine.execute.session.Leaders;
import io.tunabledb.engine.execute.session.Leaders.Resolution;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StalePlanException;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.internals.SequenceState;
import io.tunabledb.engine.h2.sql.SequenceName;
import io.tunabledb.engine.h2.sql.TableName;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.cut.CutPin;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.validation.ConflictException;
import io.tunabledb.engine.shard.validation.ReadSet;
import io.tunabledb.sql.Statement.TransactionControl;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The session's explicit transaction: none, open on the leader, or doomed, because the one on the leader was lost while
 * the JDBC one goes on. A doomed one fails every statement with 40001 until it is ended.
 */
final class ExplicitTransaction {
    private static final byte[] NOTHING = {};

    private final ShardSession session;
    private final LeaderStatements statements;
    private final Leaders leaders;
    private @Nullable Open open;
    /** Begun, and to be the open one when it is pinned at a cut. */
    private @Nullable Open ready;
    /** Whether anything was done in the open one. */
    private boolean used;
    /** Whether the open one sees a cut that no other leader could show. */
    private boolean isPinned;

    private @Nullable String doomed;

    private record Open(ShardLeader leader, ActiveTransaction held) {}

    ExplicitTransaction(ShardSession session, LeaderStatements statements, Leaders leaders) {
        this.session = session;
        this.statements = statements;
        this.leaders = leaders;
    }

    /** Whether it is open on the leader, or was and is lost. */
    boolean isBegun() {
        return open != null || doomed != null;
    }

    boolean isDoomed() {
        return doomed != null;
    }

    /** Rolls it back for a reason of its owner's. */
    void doom(String why) {
        Open transaction = open;
        open = null;
        doomed = why;
        if (transaction != null) {
            transaction.leader.rollBack(transaction.held);
        }
    }

    /** Why it was lost, or null when it was not. */
    @Nullable
    String doomed() {
        return doomed;
    }

    /** Executes in the transaction, which begins now if there is none. */
    Result execute(WritePath.Write write, Parameters parameters) throws SQLException {
        long startedNanos = System.nanoTime();
        Rung rung = write.agreement().granted().first();
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        Deadline deadline = Deadline.in(patience);
        Open transaction = fresh(rung, patience, deadline);
        used = true;
        Executed executed;
        try {
            executed = statements.execute(transaction.leader, transaction.held, write, parameters, deadline);
        } catch (SQLException e) {
            throw doomIfLost(transaction, e);
        }
        Replica leader = transaction.leader.replica();
        long seen = leader.applying();
        session.sawRead(seen);
        return new Result(
                executed.rows(),
                executed.count(),
                executed.keyRows(),
                LeaderStatements.receipt(write, rung, leader, seen, 1, System.nanoTime() - startedNanos),
                null);
    }

    private SQLException doomIfLost(Open transaction, SQLException e) {
        if (!transaction.held.isOpen()) {
            doomed = transaction.held.lostBecause();
            open = null;
            return Refusals.rolledBack(transaction.held.lostBecause(), e);
        }
        if (e instanceof StalePlanException) {
            // the statement has done nothing, and is planned again
            return e;
        }
        if (SqlState.RETRY_TRANSACTION.code().equals(e.getSQLState())) {
            // H2 has rolled the whole transaction back; going on would commit its second half alone
            transaction.leader.rollBack(transaction.held);
            doomed = e.getMessage();
            open = null;
        }
        return e;
    }

    /** Begins one whose first statement will be at this rung, if there is none. */
    void begin(Rung rung) throws SQLException {
        var unused = begun(rung);
    }

    /**
     * The open transaction, begun now if there is none, at a leader where the rung's promise holds. One in which nothing was
     * done moves to the next leader when its own can't be confirmed; any other waits until it is, or is lost.
     *
     * @throws SQLException TC002 or TC001 when no leader was confirmed in time, 40001 when the transaction is lost
     */
    private Open fresh(Rung rung, Duration patience, Deadline deadline) throws SQLException {
        while (true) {
            Open transaction = begun(rung, patience, deadline);
            statements.catchUp(transaction.leader, rung, deadline, patience);
            if (LeaderStatements.isFresh(rung, transaction.leader, deadline)) {
                return transaction;
            }
            boolean mayMove = !used && !isPinned;
            if (!mayMove && !transaction.held.isOpen()) {
                throw doomIfLost(transaction, Refusals.rolledBack(transaction.held.lostBecause(), null));
            }
            if (mayMove) {
                open = null;
                transaction.leader.rollBack(transaction.held);
            }
            session.state().underway().requireGoingOn();
            if (Thread.currentThread().isInterrupted()) {
                throw Refusals.interrupted(new InterruptedException());
            }
            if (deadline.isPast()) {
                throw statements.notFresh(rung, patience);
            }
            Leaders.pause();
        }
    }

    /** The open transaction, begun now if there is none. */
    private Open begun(Rung rung) throws SQLException {
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        return begun(rung, patience, Deadline.in(patience));
    }

    private Open begun(Rung rung, Duration patience, Deadline deadline) throws SQLException {
        String lost = doomed;
        if (lost != null) {
            throw Refusals.rolledBack(lost + " (roll back first)", null);
        }
        Open current = open;
        if (current != null) {
            return current;
        }
        while (true) {
            ShardLeader leader = leaders.await("the transaction", patience, deadline);
            ActiveTransaction held = statements.begin(leader, rung, deadline);
            if (held != null) {
                current = new Open(leader, held);
                open = current;
                used = false;
                isPinned = false;
                return current;
            }
            leaders.pauseWithin("the transaction", patience, deadline);
        }
    }

    /** Begins one that is to be pinned at a cut before its first statement; undoes one readied before. */
    CutPin readyForCut(Replica replica, Rung rung, Deadline deadline) throws SQLException {
        forgetReady();
        ShardLeader leader = session.leader(replica.node());
        // one that was restarted meanwhile is another, and not looked at for this cut
        ActiveTransaction held = leader.replica() == replica ? statements.begin(leader, rung, deadline) : null;
        ready = held == null ? null : new Open(leader, held);
        return new CutPin(new PinnedPart(held));
    }

    /** What was readied is pinned: from now on it is the open one, and sees the shard as it was then. */
    void begunAt(CutPin pin) {
        Open begun = Objects.requireNonNull(ready, "nothing was readied");
        ready = null;
        open = begun;
        used = false;
        isPinned = true;
        var unused = begun.held.firstSettings(pin.settings());
        session.sawRead(pin.pinned().join());
    }

    /** What was readied is of no use. */
    void forgetReady() {
        Open transaction = ready;
        ready = null;
        if (transaction != null) {
            transaction.leader.rollBack(transaction.held);
        }
    }

    /** Commits the open transaction, if there is one. */
    void commit() throws SQLException {
        String lost = doomed;
        doomed = null;
        if (lost != null) {
            throw Refusals.rolledBack(lost, null);
        }
        Open transaction = open;
        open = null;
        if (transaction == null) {
            return;
        }
        byte[] changes = changesOf(transaction);
        if (changes == null) {
            endUnchanged(transaction);
            return;
        }
        Duration patience = session.consistencyTimeout();
        Deadline deadline = Deadline.in(patience);
        Resolution resolution = new Commits(session, leaders)
                .commit(
                        transaction.leader,
                        transaction.held,
                        new Commits.Proposal(changes, session.nextNumber(), Outcome.DONE, false, "transaction"),
                        deadline,
                        patience,
                        () -> statements.abandon(transaction.leader));
        if (resolution instanceof Resolution.Committed committed) {
            session.wrote(committed.index());
        } else {
            String conflict = ((Resolution.NotCommitted) resolution).conflict();
            throw Refusals.rolledBack(
                    conflict != null ? conflict : "the shard's leader changed before it was committed", null);
        }
    }

    /** Even then what LINEARIZABLE statements have read must be one state. */
    private static void endUnchanged(Open transaction) throws SQLException {
        try {
            transaction.leader.endUnchanged(transaction.held);
        } catch (ConflictException | NotLeaderException e) {
            transaction.leader.rollBack(transaction.held);
            throw Refusals.rolledBack(Objects.requireNonNull(e.getMessage()), null);
        }
    }

    /** Where it is now, begun if there is none. */
    long mark() throws SQLException {
        return inside(Writer::mark);
    }

    /** What it did to some tables since a mark; null for nothing. */
    byte @Nullable [] changesSince(long mark, Predicate<TableName> which) throws SQLException {
        byte[] changes = inside(writer -> Objects.requireNonNullElse(writer.changesSince(mark, which), NOTHING));
        return changes.length == 0 ? null : changes;
    }

    /** Takes values from a sequence, or with 0 only says where it stands. */
    SequenceState takeValues(SequenceName name, long count) throws SQLException {
        return inside(writer -> writer.takeValues(name, count));
    }

    /** Makes changes that were made in another shard. */
    void ship(byte[] changes, PlacementVersion placementVersion) throws SQLException {
        Open transaction = begun(Rung.of(Level.SEQUENTIAL));
        Deadline deadline = Deadline.in(session.consistencyTimeout());
        try {
            if (!transaction.leader.enterStatement(deadline)) {
                throw Refusals.blockedByDefinition(session);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        try {
            // a table may have become REFERENCE in the first shard, where the statement ran, and not yet here
            placementVersion.requireAtLeader(transaction.leader.replica());
            inside(writer -> {
                try {
                    writer.write(changes);
                    return true;
                } catch (SQLException e) {
                    throw writer.failed(e);
                }
            });
        } finally {
            transaction.leader.exitStatement();
        }
    }

    /** What is done with its storage session. */
    @FunctionalInterface
    interface Use<T> {
        T of(Writer writer) throws SQLException;
    }

    <T> T inside(Use<T> use) throws SQLException {
        Open transaction = begun(Rung.of(Level.SEQUENTIAL));
        used = true;
        if (!transaction.held.enter()) {
            throw doomIfLost(transaction, Refusals.rolledBack(transaction.held.lostBecause(), null));
        }
        try {
            return use.of(transaction.held.writer());
        } catch (SQLException e) {
            throw doomIfLost(transaction, e);
        } finally {
            transaction.held.leave();
        }
    }

    /**
     * The open transaction as one shard's part of a larger one, whose coordinator ends it; null when it changed nothing,
     * and has read nothing that must be validated, or there is none, and then it is ended.
     *
     * @throws SQLException 40001 when it is lost
     */
    CrossCommit.@Nullable Branch take() throws SQLException {
        Open transaction = open;
        open = null;
        if (transaction == null || (!used && !transaction.held.isOpen())) {
            // nothing was done here: that its leader was lost is no matter
            return null;
        }
        byte[] changes = changesOf(transaction);
        ReadSet reads = transaction.held.completeReads();
        boolean isValidated = reads != null && !reads.isEmpty();
        if (changes == null && !isValidated) {
            endUnchanged(transaction);
            return null;
        }
        return new CrossCommit.Branch(
                session,
                transaction.leader,
                transaction.held,
                changes == null ? NOTHING : changes,
                reads != null && isValidated ? reads.encode() : NOTHING,
                () -> statements.abandon(transaction.leader));
    }

    private byte @Nullable [] changesOf(Open transaction) throws SQLException {
        if (!transaction.held.enter()) {
            throw Refusals.rolledBack(transaction.held.lostBecause(), null);
        }
        try {
            return LeaderStatements.changes(transaction.held);
        } finally {
            transaction.held.leave();
        }
    }

    /** Rolls the open transaction back, if there is one. */
    void rollback() {
        doomed = null;
        Open transaction = open;
        open = null;
        if (transaction != null) {
            transaction.leader.rollBack(transaction.held);
        }
    }

    /** Does something about savepoints inside the open transaction, begun now if there is none. */
    void control(TransactionControl control) throws SQLException {
        Open transaction = begun(Rung.of(Level.SEQUENTIAL));
        inside(writer -> {
            ReadSet reads = transaction.held.reads();
            if (reads != null && control.verb() == TransactionControl.Verb.ROLLBACK_TO_SAVEPOINT) {
                reads.writesUndone();
            }
            try (Statement statement = writer.connection().createStatement()) {
                return statement.execute(control.text());
            }
        });
    }
}
