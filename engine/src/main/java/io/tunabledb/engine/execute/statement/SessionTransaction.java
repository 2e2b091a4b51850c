package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.execute.outbox.OutboxPath;
import io.tunabledb.engine.execute.read.CommitWait;
import io.tunabledb.engine.execute.scatter.Reads;
import io.tunabledb.engine.execute.scatter.Writes;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.TransactionMode;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.TransactionControl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * A session's transaction: begun by its first statement, ended here. It is open at leaders ({@link Writes}), gathers weak
 * writes for an outbox ({@link OutboxPath}), or keeps a snapshot of replicas ({@link Reads}).
 */
public final class SessionTransaction {
    private final SessionState state;
    private final TransactionMode mode;
    private final Reads reads;
    private final Writes writes;
    private final OutboxPath outbox;
    private final CommitWait commitWait;
    private final DecisionVersion version;
    /** Whether it was begun by BEGIN, in autocommit mode. */
    private boolean autoCommitAfter;
    /** Whether a LINEARIZABLE one has read at a follower, which no commit validates. */
    private boolean readBeside;

    SessionTransaction(
            SessionState state,
            Reads reads,
            Writes writes,
            OutboxPath outbox,
            CommitWait wait,
            DecisionVersion version) {
        this.state = state;
        this.mode = state.mode();
        this.reads = reads;
        this.writes = writes;
        this.outbox = outbox;
        this.commitWait = wait;
        this.version = version;
    }

    /** Switching commits an open transaction, as JDBC says. */
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        if (autoCommit != mode.isAutoCommit()) {
            commit();
            mode.autoCommit(autoCommit);
            autoCommitAfter = false;
        }
    }

    /** BEGIN: manual commit until the transaction ends. */
    public void begin() throws SQLException {
        if (mode.isAutoCommit()) {
            setAutoCommit(false);
            autoCommitAfter = true;
        }
    }

    /** Whether it is open at a leader, or was and is lost. */
    public boolean isAtLeader() {
        return writes.inTransaction();
    }

    /** Commits. 40001 when it certainly was rolled back, 08007 when no leader could tell in time. */
    public void commit() throws SQLException {
        state.underway().begin();
        try {
            outbox.commit();
            boolean hasWritten = writes.inTransaction();
            writes.commit();
            if (hasWritten) {
                commitWait.committed("transaction");
            }
        } catch (OutOfMemoryError e) {
            writes.rollback();
            throw state.underway().outOfMemory(e);
        } finally {
            state.underway().end();
            ended();
        }
    }

    /** Rolls back. */
    public void rollback() throws SQLException {
        outbox.rollback();
        writes.rollback();
        ended();
    }

    /** A transaction has ended; in autocommit mode each statement is one. */
    void ended() throws SQLException {
        readBeside = false;
        state.time().end();
        reads.endTransaction();
        if (mode.rung() != null) {
            mode.rung(null);
            version.changed();
        }
        if (autoCommitAfter) {
            autoCommitAfter = false;
            mode.autoCommit(true);
        }
    }

    /** Sets a savepoint, rolls back to it or forgets it. */
    public void control(TransactionControl control) throws SQLException {
        if (mode.isAutoCommit()) {
            return;
        }
        if (outbox.isGathering()) {
            outbox.control(control);
        } else {
            writes.control(control);
        }
    }

    /** Not allowed inside a transaction. */
    public void setReadOnly(boolean readOnly) throws SQLException {
        if (readOnly != mode.isReadOnly() && (writes.inTransaction() || outbox.isGathering())) {
            throw Errors.of(SqlState.NOT_ALLOWED, "setReadOnly inside a transaction; end it first");
        }
        reads.endTransaction();
        mode.readOnly(readOnly);
    }

    /** Takes a constant of {@link Connection}; commits the open transaction, as H2 does. */
    public void setIsolation(int isolation) throws SQLException {
        Isolations.require(isolation);
        commit();
        mode.isolation(isolation);
    }

    /** The isolation that {@code SET TRANSACTION ISOLATION LEVEL …} names. */
    public void setIsolation(Statement.SessionSetting setting) throws SQLException {
        setIsolation(Isolations.named(setting.text()));
    }

    // ---- what is read at LINEARIZABLE ----

    /** What a LINEARIZABLE transaction reads is validated at its commit, at the leader, also before it writes anything. */
    public boolean isValidated(Decision decision) {
        return !mode.isAutoCommit()
                && decision.agreement().granted().rungs().stream().allMatch(rung -> rung.level() == Level.LINEARIZABLE);
    }

    /**
     * A LINEARIZABLE transaction whose leader is out of reach has its first read served by a follower, which a majority has
     * confirmed to be up to date: alone that is all there is to promise. With another statement it is not.
     */
    void requireNothingBeside() throws SQLException {
        if (readBeside) {
            throw Errors.of(
                    SqlState.RETRY_TRANSACTION,
                    "the transaction's first LINEARIZABLE read was served by a follower, because the leader was out of "
                            + "reach, and nobody could validate it together with a second statement; run it again");
        }
    }

    /** Whether a validated read of these shards is served by a follower, because it is the first and a leader is missing. */
    boolean readsBeside(List<Integer> shards) {
        readBeside = !writes.inTransaction() && !state.reachesLeaders(shards);
        return readBeside;
    }
}
