package io.tunabledb.engine.execute;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Parameters;
import io.tunabledb.engine.Result;
import io.tunabledb.engine.execute.Leaders.Resolution;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.shard.ConflictException;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.HeldTransaction;
import io.tunabledb.engine.shard.Outcome;
import io.tunabledb.engine.shard.ReadSet;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The session's explicit transaction: none, open on the leader, or doomed, because the one on the leader was lost while
 * the JDBC one goes on. A doomed one fails every statement with 40001 until it is ended.
 */
final class ExplicitTransaction {
    private static final int SHARD = 0;

    private final SessionState session;
    private final LeaderStatements statements;
    private final Leaders leaders;
    private @Nullable Open open;
    private @Nullable String doomed;

    private record Open(ShardLeader leader, HeldTransaction held) {}

    ExplicitTransaction(SessionState session, LeaderStatements statements, Leaders leaders) {
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

    /** Executes in the transaction, which begins now if there is none. */
    Result execute(WritePath.Write write, Parameters parameters) throws SQLException {
        long startedNanos = System.nanoTime();
        Rung rung = write.agreement().granted().first();
        Open transaction = begun(rung);
        Deadline deadline = Deadline.in(session.consistencyTimeout());
        statements.catchUp(transaction.leader, rung, deadline, session.consistencyTimeout());
        statements.requireFresh(rung, transaction.leader, deadline);
        Executed executed;
        try {
            executed = statements.execute(transaction.leader, transaction.held, write, parameters, deadline);
        } catch (SQLException e) {
            throw doomIfLost(transaction, e);
        }
        Replica leader = transaction.leader.replica();
        long seen = leader.applying();
        session.vector().sawRead(SHARD, seen);
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
        if (SqlState.RETRY_TRANSACTION.code().equals(e.getSQLState())) {
            // H2 has rolled the whole transaction back; going on would commit its second half alone
            transaction.leader.rollBack(transaction.held);
            doomed = e.getMessage();
            open = null;
        }
        return e;
    }

    /** The open transaction, begun now if there is none. */
    private Open begun(Rung rung) throws SQLException {
        String lost = doomed;
        if (lost != null) {
            throw Refusals.rolledBack(lost + " (roll back first)", null);
        }
        Open current = open;
        if (current != null) {
            return current;
        }
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        Deadline deadline = Deadline.in(patience);
        while (true) {
            ShardLeader leader = leaders.await("the transaction", patience, deadline);
            HeldTransaction held = statements.begin(leader, rung);
            if (held != null) {
                current = new Open(leader, held);
                open = current;
                return current;
            }
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
            session.vector().wrote(SHARD, committed.index());
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

    private byte @Nullable [] changesOf(Open transaction) throws SQLException {
        if (!transaction.held.enter()) {
            throw Refusals.rolledBack(transaction.held.lostBecause(), null);
        }
        try {
            return transaction.held.writer().changes();
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

    /** Runs transaction-control text, such as SAVEPOINT, inside the open transaction, begun now if there is none. */
    void control(String text) throws SQLException {
        Open transaction = begun(Rung.of(Level.SEQUENTIAL));
        if (!transaction.held.enter()) {
            throw doomIfLost(transaction, Refusals.rolledBack(transaction.held.lostBecause(), null));
        }
        try (Statement statement = transaction.held.writer().connection().createStatement()) {
            ReadSet reads = transaction.held.reads();
            if (reads != null) {
                // it may be a rollback to a savepoint; releasing one costs a LINEARIZABLE transaction some precision
                reads.writesUndone();
            }
            statement.execute(text);
        } catch (SQLException e) {
            throw doomIfLost(transaction, e);
        } finally {
            transaction.held.leave();
        }
    }
}
