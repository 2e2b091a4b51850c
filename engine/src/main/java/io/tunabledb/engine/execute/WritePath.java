package io.tunabledb.engine.execute;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.Parameters;
import io.tunabledb.engine.Result;
import io.tunabledb.engine.execute.Leaders.Resolution;
import io.tunabledb.engine.h2.ResultCodec;
import io.tunabledb.engine.h2.Writer;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.HeldTransaction;
import io.tunabledb.engine.shard.Outcome;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.sql.BatchUpdateException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Carries out writes: a real transaction on the leader's storage, whose row effects go through the log with its locks
 * held. Autocommit writes that certainly were not committed are run again on the next leader; explicit transactions give
 * 40001 then.
 */
public final class WritePath implements AutoCloseable {
    private static final int SHARD = 0;
    private static final byte[] NO_KEYS = {};

    private final SessionState session;
    private final Leaders leaders;
    private final Commits commits;
    private final WriterConnections writers;
    private @Nullable OpenTransaction open;
    /** The storage transaction was lost while the JDBC one goes on: every statement fails until it is ended. */
    private @Nullable String doomed;

    private volatile @Nullable Writer running;

    public WritePath(SessionState session) {
        this.session = session;
        this.leaders = new Leaders(session);
        this.commits = new Commits(session, leaders);
        this.writers = new WriterConnections(session);
    }

    /** A write's text and what was decided for it. */
    public record Write(Query query, Agreement agreement, List<String> tables) {}

    private record OpenTransaction(ShardLeader leader, HeldTransaction held) {}

    /** What one execution gave on storage, before its commit. */
    private record Executed(@Nullable ResultSet rows, long count, byte[] keys) {
        /** The next execution of the same statement closes storage's own keys, so callers get a copy. */
        @Nullable
        ResultSet keyRows() {
            return keys.length == 0 ? null : ResultCodec.decode(keys);
        }
    }

    /** Whether a transaction is open on the leader, or was and is lost. */
    public boolean inTransaction() {
        return open != null || doomed != null;
    }

    /** Executes a statement: as a transaction of its own in autocommit mode, else in the open one. */
    public Result write(Write write, Parameters parameters) throws SQLException {
        Rung rung = write.agreement().granted().first();
        return session.autoCommit
                ? autocommit(write, List.of(parameters), rung).get(0)
                : inOpenTransaction(write, parameters, rung);
    }

    /** Executes once per element; in autocommit mode all of them travel in one log entry. */
    public List<Result> writeBatch(Write write, List<Parameters> batch) throws SQLException {
        Rung rung = write.agreement().granted().first();
        if (session.autoCommit) {
            return autocommit(write, batch, rung);
        }
        List<Result> results = new ArrayList<>(batch.size());
        BatchFailures failures = new BatchFailures();
        for (Parameters parameters : batch) {
            try {
                Result result = inOpenTransaction(write, parameters, rung);
                results.add(result);
                failures.succeeded(result.count());
            } catch (SQLException e) {
                failures.failed(e);
                if (doomed != null) {
                    break;
                }
            }
        }
        failures.throwIfAny();
        return results;
    }

    // ---- autocommit ----

    private List<Result> autocommit(Write write, List<Parameters> batch, Rung rung) throws SQLException {
        long startedNanos = System.nanoTime();
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        Deadline deadline = new Deadline(startedNanos + patience.toNanos());
        // one number for all tries: the ledger answers for whichever of them was committed
        long number = session.nextNumber();
        for (int attempt = 1; ; attempt++) {
            ShardLeader leader = leaders.await("the write", patience, deadline);
            HeldTransaction held = begin(leader);
            List<Result> results = held == null
                    ? null
                    : tryOnce(leader, held, write, batch, rung, number, attempt, startedNanos, deadline, patience);
            if (results != null) {
                return results;
            }
            if (deadline.isPast()) {
                throw Refusals.noMajority("the write", patience, session, null);
            }
        }
    }

    /** Null when the try certainly left nothing behind and may be repeated. */
    private @Nullable List<Result> tryOnce(
            ShardLeader leader,
            HeldTransaction held,
            Write write,
            List<Parameters> batch,
            Rung rung,
            long number,
            int attempt,
            long startedNanos,
            Deadline deadline,
            Duration patience)
            throws SQLException {
        List<Executed> executed = new ArrayList<>(batch.size());
        BatchFailures failures = new BatchFailures();
        byte[] changes;
        boolean done = false;
        try {
            catchUp(leader, rung, deadline, patience);
            for (Parameters parameters : batch) {
                try {
                    Executed one = execute(leader, held, write.query(), parameters, deadline);
                    executed.add(one);
                    failures.succeeded(one.count);
                } catch (SQLException e) {
                    if (!held.isOpen()) {
                        return null;
                    }
                    if (batch.size() == 1) {
                        throw e;
                    }
                    failures.failed(e);
                    executed.add(new Executed(null, java.sql.Statement.EXECUTE_FAILED, NO_KEYS));
                }
            }
            if (!held.enter()) {
                return null;
            }
            try {
                changes = held.writer().hasChanges() ? held.writer().changes() : null;
            } finally {
                held.leave();
            }
            if (changes == null) {
                // nothing to log, but the answer "0 rows" must not come from a leader that was deposed meanwhile
                if (!confirmLeadership(leader, deadline)) {
                    return null;
                }
                long seen = leader.replica().applying();
                session.vector().sawRead(SHARD, seen);
                leader.endUnchanged(held);
                done = true;
                failures.throwIfAny();
                return results(executed, write, rung, leader, seen, attempt, startedNanos);
            }
            done = true;
        } finally {
            if (!done) {
                leader.rollBack(held);
            }
        }
        Outcome outcome = outcome(executed);
        Resolution resolution = commits.commit(
                leader,
                held,
                new Commits.Proposal(changes, number, outcome, false, "write"),
                deadline,
                patience,
                () -> writers.abandon(leader));
        if (resolution instanceof Resolution.NotCommitted) {
            return null;
        }
        Resolution.Committed committed = (Resolution.Committed) resolution;
        session.vector().wrote(SHARD, committed.index());
        if (rung.ackAll()) {
            awaitAll(committed.index(), deadline, patience);
        }
        failures.throwIfAny();
        return results(executed, write, rung, leader, committed.index(), attempt, startedNanos);
    }

    private static Outcome outcome(List<Executed> executed) {
        long[] counts = new long[executed.size()];
        byte[][] keys = new byte[executed.size()][];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = executed.get(i).count();
            keys[i] = executed.get(i).keys();
        }
        return new Outcome(counts, keys, null);
    }

    private List<Result> results(
            List<Executed> executed,
            Write write,
            Rung rung,
            ShardLeader leader,
            long index,
            int attempts,
            long startedNanos) {
        Receipt receipt = receipt(write, rung, leader.replica(), index, attempts, System.nanoTime() - startedNanos);
        List<Result> results = new ArrayList<>(executed.size());
        for (Executed one : executed) {
            results.add(new Result(one.rows(), one.count(), one.keyRows(), receipt, null));
        }
        return results;
    }

    // ---- explicit transactions ----

    private Result inOpenTransaction(Write write, Parameters parameters, Rung rung) throws SQLException {
        long startedNanos = System.nanoTime();
        OpenTransaction transaction = transaction(rung);
        Deadline deadline = Deadline.in(session.consistencyTimeout());
        catchUp(transaction.leader, rung, deadline, session.consistencyTimeout());
        requireFresh(rung, transaction.leader, deadline);
        Executed executed;
        try {
            executed = execute(transaction.leader, transaction.held, write.query(), parameters, deadline);
        } catch (SQLException e) {
            throw doomIfLost(transaction, e);
        }
        Replica leader = transaction.leader.replica();
        long seen = leader.applying();
        session.vector().sawRead(SHARD, seen);
        return new Result(
                executed.rows,
                executed.count,
                executed.keyRows(),
                receipt(write, rung, leader, seen, 1, System.nanoTime() - startedNanos),
                null);
    }

    private SQLException doomIfLost(OpenTransaction transaction, SQLException e) {
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
    private OpenTransaction transaction(Rung rung) throws SQLException {
        String lost = doomed;
        if (lost != null) {
            throw Refusals.rolledBack(lost + " (roll back first)", null);
        }
        OpenTransaction current = open;
        if (current != null) {
            return current;
        }
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        Deadline deadline = Deadline.in(patience);
        while (true) {
            ShardLeader leader = leaders.await("the transaction", patience, deadline);
            HeldTransaction held = begin(leader);
            if (held != null) {
                current = new OpenTransaction(leader, held);
                open = current;
                return current;
            }
        }
    }

    /** Begins the transaction on the leader without a statement, for isolation levels that start at the first read. */
    public void begin() throws SQLException {
        transaction(Rung.of(Level.SEQUENTIAL));
    }

    /** Commits the open transaction, if there is one. */
    public void commit() throws SQLException {
        String lost = doomed;
        doomed = null;
        if (lost != null) {
            throw Refusals.rolledBack(lost, null);
        }
        OpenTransaction transaction = open;
        open = null;
        if (transaction == null) {
            return;
        }
        byte[] changes = changesOf(transaction);
        if (changes == null) {
            transaction.leader.endUnchanged(transaction.held);
            return;
        }
        Duration patience = session.consistencyTimeout();
        Deadline deadline = Deadline.in(patience);
        Resolution resolution = commits.commit(
                transaction.leader,
                transaction.held,
                new Commits.Proposal(changes, session.nextNumber(), Outcome.DONE, false, "transaction"),
                deadline,
                patience,
                () -> writers.abandon(transaction.leader));
        if (!(resolution instanceof Resolution.Committed committed)) {
            throw Refusals.rolledBack("the shard's leader changed before it was committed", null);
        }
        session.vector().wrote(SHARD, committed.index());
    }

    private byte @Nullable [] changesOf(OpenTransaction transaction) throws SQLException {
        if (!transaction.held.enter()) {
            throw Refusals.rolledBack(transaction.held.lostBecause(), null);
        }
        try {
            Writer writer = transaction.held.writer();
            return writer.hasChanges() ? writer.changes() : null;
        } finally {
            transaction.held.leave();
        }
    }

    /** Rolls the open transaction back, if there is one. */
    public void rollback() {
        doomed = null;
        OpenTransaction transaction = open;
        open = null;
        if (transaction != null) {
            transaction.leader.rollBack(transaction.held);
        }
    }

    /** Runs transaction-control text, such as SAVEPOINT, inside the open transaction, begun now if there is none. */
    public void control(String text) throws SQLException {
        OpenTransaction transaction = transaction(Rung.of(Level.SEQUENTIAL));
        if (!transaction.held.enter()) {
            throw doomIfLost(transaction, Refusals.rolledBack(transaction.held.lostBecause(), null));
        }
        try (java.sql.Statement statement =
                transaction.held.writer().connection().createStatement()) {
            statement.execute(text);
        } catch (SQLException e) {
            throw doomIfLost(transaction, e);
        } finally {
            transaction.held.leave();
        }
    }

    // ---- shared ----

    private @Nullable HeldTransaction begin(ShardLeader leader) throws SQLException {
        try {
            return leader.begin(writers.on(leader), session.id());
        } catch (NotLeaderException e) {
            return null;
        }
    }

    /** The leader must have what this session saw, and what the statement's token did. */
    private void catchUp(ShardLeader leader, Rung rung, Deadline deadline, Duration patience) throws SQLException {
        Replica replica = leader.replica();
        long seen = Math.max(session.vector().read(SHARD), session.vector().write(SHARD));
        long needed = Math.max(seen, session.neededAfter(rung.afterToken(), patience));
        try {
            if (!replica.awaitApplied(needed, deadline)) {
                throw Refusals.levelNotMet(rung, needed, patience, session, null);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** A transaction reads from a leader that may have been deposed: the rung's promise must hold there too. */
    private void requireFresh(Rung rung, ShardLeader leader, Deadline deadline) throws SQLException {
        Duration bound = rung.maxStaleness();
        if (bound == null) {
            if (rung.level() == Level.LINEARIZABLE && !confirmLeadership(leader, deadline)) {
                throw Refusals.noMajority(rung.text(), session.consistencyTimeout(), session, null);
            }
            return;
        }
        Replica replica = leader.replica();
        boolean isYoung = rung.maxEntries() == null && replica.stalenessNanos() <= bound.toNanos();
        if (!isYoung && !(confirmLeadership(leader, deadline) && replica.stalenessNanos() <= bound.toNanos())) {
            throw Refusals.levelNotMet(rung, 0, session.consistencyTimeout(), session, null);
        }
    }

    private static boolean confirmLeadership(ShardLeader leader, Deadline deadline) {
        long t0 = leader.replica().now();
        try {
            long index = leader.replica().readIndex().get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            if (!leader.replica().awaitApplied(index, deadline)) {
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

    private Executed execute(
            ShardLeader leader, HeldTransaction held, Query query, Parameters parameters, Deadline deadline)
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
                return execute(held, query, parameters);
            } finally {
                held.leave();
            }
        } finally {
            leader.exitStatement();
        }
    }

    private Executed execute(HeldTransaction held, Query query, Parameters parameters) throws SQLException {
        Writer writer = held.writer();
        running = writer;
        try {
            PreparedStatement statement = query.on(writer.connection());
            parameters.bind(statement);
            boolean isRows = statement.execute();
            ResultSet rows = isRows ? statement.getResultSet() : null;
            byte[] keys = query.wantsKeys() && !isRows ? ResultCodec.encode(statement.getGeneratedKeys()) : NO_KEYS;
            return new Executed(rows, isRows ? -1 : statement.getLargeUpdateCount(), keys);
        } catch (SQLException e) {
            throw writer.failed(e);
        } finally {
            running = null;
        }
    }

    /** ACK ALL: the write is committed; this waits until no replica lacks it. */
    private void awaitAll(long index, Deadline deadline, Duration patience) throws SQLException {
        for (int node = 1; node <= session.cluster().nodes(); node++) {
            Replica replica = session.cluster().replica(node, SHARD);
            try {
                if (!replica.awaitApplied(index, deadline)) {
                    throw Errors.of(
                            SqlState.LEVEL_NOT_MET,
                            "ACK ALL can't be met within " + patience.toMillis()
                                    + " ms: the write IS committed at index " + index + ", but "
                                    + replica.nodeName() + " has applied only " + replica.applied()
                                    + "; do not repeat the write, heal that node");
                }
            } catch (InterruptedException e) {
                throw Refusals.interrupted(e);
            }
        }
    }

    private static Receipt receipt(Write write, Rung rung, Replica leader, long index, int attempts, long waitedNanos) {
        Agreement agreement = write.agreement();
        return new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                rung,
                agreement.reason(),
                List.of(new Receipt.Served(
                        SHARD, leader.nodeName(), "LEADER", index, Duration.ZERO, Duration.ofNanos(waitedNanos))),
                attempts,
                write.tables());
    }

    /** Cancels a running statement. */
    public void cancel() {
        Writer writer = running;
        if (writer != null) {
            writer.cancel();
        }
    }

    /** A session setting changed. */
    public void applySetting(String text) throws SQLException {
        writers.applySetting(text);
    }

    @Override
    public void close() {
        rollback();
        writers.close();
    }

    /** Collects the outcomes of a batch in JDBC's shape. */
    private static final class BatchFailures {
        private final List<Long> counts = new ArrayList<>();
        private @Nullable SQLException first;

        void succeeded(long count) {
            counts.add(count);
        }

        void failed(SQLException e) {
            counts.add((long) java.sql.Statement.EXECUTE_FAILED);
            if (first == null) {
                first = e;
            } else {
                first.setNextException(e);
            }
        }

        void throwIfAny() throws BatchUpdateException {
            SQLException cause = first;
            if (cause != null) {
                long[] sofar = counts.stream().mapToLong(Long::longValue).toArray();
                BatchUpdateException failed = new BatchUpdateException(
                        cause.getMessage(), cause.getSQLState(), cause.getErrorCode(), sofar, cause);
                failed.setNextException(cause);
                throw failed;
            }
        }
    }
}
