package io.tunabledb.engine.execute.transaction;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.execute.session.Executed;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.QueuedWrites;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.h2.codec.ResultCodec;
import io.tunabledb.engine.h2.row.TemporaryTable;
import io.tunabledb.engine.h2.sql.SqlErrors;
import io.tunabledb.engine.h2.statement.BoundedCommand;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Runs a session's statements in its storage session on the leader, and tests what a level asks of the leader. */
public final class LeaderStatements implements AutoCloseable {
    private final ShardSession session;
    private final WriterConnections writers;
    private volatile @Nullable Writer running;

    LeaderStatements(ShardSession session) {
        this.session = session;
        this.writers = new WriterConnections(session);
    }

    /** Begins a transaction whose first statement is at {@code rung}; null when the replica leads no longer. */
    @Nullable
    ActiveTransaction begin(ShardLeader leader, Rung rung, Deadline deadline) throws SQLException {
        ShardLeader.Admission admission = admit(leader, deadline);
        ActiveTransaction held = null;
        try {
            Writer writer = writers.on(leader);
            if (rung.level() == Level.LINEARIZABLE) {
                ReadNotes.requireCommitted(writer);
            }
            held = leader.begin(writer, session.state().lockOwner(), admission);
            return held;
        } catch (NotLeaderException e) {
            return null;
        } finally {
            if (held == null) {
                admission.release();
            }
        }
    }

    /** Waits for a place in the leader's storage. */
    static ShardLeader.Admission admit(ShardLeader leader, Deadline deadline) throws SQLException {
        try {
            return leader.admit(deadline);
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** Gives up a storage session whose transaction is still pending. */
    void abandon(ShardLeader leader) {
        writers.abandon(leader);
    }

    /** The leader must have what this session saw and wrote, weak writes too, and what the statement's token did. */
    void catchUp(ShardLeader leader, Rung rung, Deadline deadline, Duration patience) throws SQLException {
        Replica replica = leader.replica();
        long queued = QueuedWrites.settle(session, rung, deadline);
        long seen = session.seen();
        long needed = Math.max(Math.max(seen, queued), session.neededAfter(rung.afterToken(), patience));
        try {
            if (!replica.awaitApplied(needed, deadline)) {
                throw Refusals.levelNotMet(rung, needed, patience, session, null);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** Whether the rung's promise holds at a leader that may have been deposed: a transaction reads there, too. */
    static boolean isFresh(Rung rung, ShardLeader leader, Deadline deadline) {
        Duration bound = rung.maxStaleness();
        if (bound == null) {
            return rung.level() != Level.LINEARIZABLE || confirmLeadership(leader, deadline);
        }
        Replica replica = leader.replica();
        boolean isYoung = rung.maxEntries() == null && replica.stalenessNanos() <= bound.toNanos();
        return isYoung || (confirmLeadership(leader, deadline) && replica.stalenessNanos() <= bound.toNanos());
    }

    /** The rung's promise held nowhere for so long. */
    SQLException notFresh(Rung rung, Duration waited) {
        return rung.maxStaleness() == null
                ? Refusals.noMajority(rung.text(), waited, session, null)
                : Refusals.levelNotMet(rung, 0, waited, session, null);
    }

    /** Whether a majority confirms the leader, which then has applied everything acknowledged before this call. */
    public static boolean confirmLeadership(ShardLeader leader, Deadline deadline) {
        long t0 = leader.replica().now();
        try {
            long index = deadline.await(leader.replica().readIndex());
            if (!leader.replica().awaitApplied(index, deadline)
                    || !leader.replica().awaitFinished(index, deadline)) {
                return false;
            }
            leader.replica().confirmedFresh(t0);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Executes inside the transaction.
     *
     * @throws SQLException 40001 when the transaction is gone, the statement's own error otherwise
     */
    Executed execute(
            ShardLeader leader, ActiveTransaction held, WritePath.Write write, Parameters parameters, Deadline deadline)
            throws SQLException {
        try {
            if (!leader.enterStatement(deadline)) {
                throw Refusals.blockedByDefinition(session);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        try {
            if (!held.enter()) {
                throw Refusals.rolledBack(held.lostBecause(), null);
            }
            try {
                requireFooting(leader.replica(), held, write.placementVersion());
                return write.agreement().granted().first().level() == Level.LINEARIZABLE
                        ? executeNoted(leader, held, write, parameters)
                        : execute(held, write.query(), parameters);
            } finally {
                held.leave();
            }
        } finally {
            // an error tells of the rows, too
            session.sawEpoch(leader.replica());
            leader.exitStatement();
        }
    }

    /** A transaction that sees one state of storage sees the tables where they were then. */
    private void requireFooting(Replica leader, ActiveTransaction held, PlacementVersion placementVersion)
            throws SQLException {
        placementVersion.requireAtLeader(leader);
        Map<String, String> first = held.firstSettings(leader.settings());
        if (session.state().mode().effectiveIsolation() > Connection.TRANSACTION_READ_COMMITTED
                && placementVersion.hasMovedSince(first)) {
            throw Refusals.rolledBack("its tables were moved to other shards after its first statement", null);
        }
    }

    private Executed executeNoted(
            ShardLeader leader, ActiveTransaction held, WritePath.Write write, Parameters parameters)
            throws SQLException {
        ReadNotes notes = ReadNotes.begin(leader, held, write, session.cluster().catalog());
        Executed executed;
        try {
            executed = execute(held, write.query(), parameters);
        } catch (SQLException e) {
            notes.failed();
            throw e;
        }
        notes.succeeded(executed);
        return executed;
    }

    /** A wait for a row that only a pause of the process has run out is begun again: its owner was stopped, too. */
    private Executed execute(ActiveTransaction held, StorageStatement query, Parameters parameters)
            throws SQLException {
        long beganNanos = RunningTime.nanos();
        while (true) {
            try {
                return executeOnce(held, query, parameters);
            } catch (SQLException e) {
                long waitedNanos = RunningTime.nanos() - beganNanos;
                if (!isLockTimeout(e)
                        || !held.isOpen()
                        || waitedNanos >= held.writer().lockTimeoutNanos()) {
                    throw e;
                }
            }
        }
    }

    private Executed executeOnce(ActiveTransaction held, StorageStatement query, Parameters parameters)
            throws SQLException {
        Writer writer = held.writer();
        running = writer;
        try {
            PreparedStatement statement = query.on(writer);
            if (BoundedCommand.isGrowing(statement)) {
                session.state().watermark().require();
            }
            boolean isRows = session.state().time().write(writer.connection(), () -> {
                parameters.bind(statement);
                session.state().underway().requireGoingOn();
                return statement.execute();
            });
            // storage looks for a cancel now and then only, and for none when it gets a row's lock
            session.state().underway().requireGoingOn();
            if (!held.isOpen()) {
                // the lock it waited for may have been lost with it
                throw Refusals.rolledBack(held.lostBecause(), null);
            }
            ResultSet rows = isRows ? statement.getResultSet() : null;
            byte[] keys =
                    query.wantsKeys() && !isRows ? ResultCodec.encode(statement.getGeneratedKeys()) : Executed.NO_KEYS;
            return new Executed(rows, isRows ? -1 : statement.getLargeUpdateCount(), keys);
        } catch (SQLException e) {
            if (writer.isShut()) {
                throw SqlErrors.isOutOfMemory(e) ? SqlErrors.outOfMemory(e) : lostTables(e);
            }
            SQLException failure = writer.failed(e);
            // a wait for a row's lock that was ended calls itself a lock timeout
            throw isLockTimeout(failure) && session.state().underway().isStopped()
                    ? Refusals.cancelledWhileLocked(failure)
                    : failure;
        } finally {
            running = null;
        }
    }

    /** What the transaction has changed, to be proposed; null for nothing. 40001 when the storage was closed under it. */
    static byte @Nullable [] changes(ActiveTransaction held) throws SQLException {
        Writer writer = held.writer();
        try {
            return writer.changes();
        } catch (RuntimeException e) {
            if (writer.isShut()) {
                throw lostTables(e);
            }
            throw e;
        }
    }

    private static SQLException lostTables(Exception e) {
        return Refusals.rolledBack("the leader's tables were lost when memory ended in another statement", e);
    }

    private static boolean isLockTimeout(SQLException e) {
        return "HYT00".equals(e.getSQLState());
    }

    /** What the leader served, for the caller. */
    static Receipt receipt(
            WritePath.Write write, Rung rung, Replica leader, long index, int attempts, long waitedNanos) {
        Agreement agreement = write.agreement();
        return new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                rung,
                agreement.reason(),
                List.of(new Receipt.Served(
                        leader.shard(),
                        leader.nodeName(),
                        "LEADER",
                        index,
                        0,
                        Duration.ZERO,
                        Duration.ofNanos(waitedNanos))),
                attempts,
                write.tables());
    }

    /** Cancels a running statement. From any thread. */
    void cancel() {
        Writer writer = running;
        if (writer != null) {
            writer.cancel();
        }
    }

    /** The session's local temporary tables, which are in its storage session on the leader. */
    List<TemporaryTable> temporaryTables() throws SQLException {
        return writers.temporaryTables();
    }

    /** Drops a local temporary table of the session inside the open transaction. */
    void forgetTemporaryTable(String name) throws SQLException {
        writers.forgetTemporaryTable(name);
    }

    /** Whether a text drops an index of the session's own. */
    boolean dropsOwnIndex(String sql) throws SQLException {
        return writers.dropsOwnIndex(sql);
    }

    void applySetting(String text, boolean isIdle) throws SQLException {
        writers.applySetting(text, isIdle);
    }

    @Override
    public void close() {
        writers.close();
    }
}
