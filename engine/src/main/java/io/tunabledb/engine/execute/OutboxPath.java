package io.tunabledb.engine.execute;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.CallOptions;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.Parameters;
import io.tunabledb.engine.Result;
import io.tunabledb.engine.h2.BoundValues;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.outbox.OutboxEntry;
import io.tunabledb.engine.session.Token;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.Reader;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.sql.RowCount;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts weak writes at a node's outbox: the statement is prepared and its values are bound on the node's own replica,
 * which finds what is wrong with it, and both are appended. Nothing is executed here. In an explicit transaction the
 * statements are gathered and accepted as one write when it is committed.
 *
 * <p>The update count is what the replica's rows say: the number of rows after VALUES, or of those the WHERE picks now;
 * {@link RowCount#UNKNOWN} where neither tells.
 */
public final class OutboxPath implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxPath.class);
    private static final int MAX_COUNTS = 32;
    /** SQLSTATEs of statements that name what is not there begin so. */
    private static final String NAMES_NOTHING = "42";

    private static final Duration ASKING = Duration.ofMillis(500);
    private static final Cache<String, RowCount> ROW_COUNTS =
            Caffeine.newBuilder().maximumSize(1_000).build();

    private final ShardSession session;
    private final Map<String, Query> counts = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable QueuedTransaction queued;
    private int node;

    public OutboxPath(ShardSession session) {
        this.session = session;
    }

    /** A weak write's text, and what was decided for it. */
    public record WeakWrite(Statement.Sql statement, WritePath.Write write) {}

    /** One statement with its values, and how many rows it would change here. */
    private record Bound(OutboxEntry.Step step, long count) {}

    /**
     * Why a write can't wait in an outbox though its level lets it; null when it can.
     *
     * @param inLeadersTransaction whether the session has a transaction open at the leader
     */
    public static @Nullable String obstacle(Statement.Sql statement, boolean inLeadersTransaction) {
        if (inLeadersTransaction) {
            return "the transaction is open at the leader";
        }
        return switch (statement.operation()) {
            case INSERT, UPDATE, DELETE, MERGE ->
                statement.traits().contains(Trait.USES_SESSION_STATE)
                        ? "it depends on the state of a session at the leader"
                        : null;
            case SELECT, DDL -> "only INSERT, UPDATE, DELETE and MERGE can wait in an outbox";
        };
    }

    /** Whether a write of this agreement is acknowledged by an outbox. */
    public static boolean isWeak(Agreement agreement) {
        Level level = agreement.granted().first().level();
        return level == Level.EVENTUAL || level == Level.READ_UNCOMMITTED;
    }

    /** Whether an explicit transaction gathers weak writes. */
    public boolean isGathering() {
        return queued != null;
    }

    /** Accepts one write. */
    public Result write(WeakWrite weak, Parameters parameters) throws SQLException {
        return writeBatch(weak, List.of(parameters)).get(0);
    }

    /** Accepts a write per element, all together. */
    public List<Result> writeBatch(WeakWrite weak, List<Parameters> batch) throws SQLException {
        long startedNanos = System.nanoTime();
        Rung rung = weak.write.agreement().granted().first();
        requireAllowed(weak, rung);
        Duration patience = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
        Deadline deadline = new Deadline(startedNanos + patience.toNanos());
        if (rung.afterToken() != null) {
            // its indexes are committed, so whoever leads has them; its weak writes may be in another outbox
            session.neededAfter(rung.afterToken(), patience);
            QueuedWrites.settle(session, rung, deadline);
        }
        List<Bound> bound = bindAll(weak, batch, deadline);
        long number = session.state().autoCommit ? accept(bound, deadline) : gather(bound);
        Receipt receipt = receipt(weak.write, rung, number, System.nanoTime() - startedNanos);
        return bound.stream()
                .map(one -> new Result(null, one.count, null, receipt, null))
                .toList();
    }

    private static void requireAllowed(WeakWrite weak, Rung rung) throws SQLException {
        if (rung.ackAll()) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    rung.text()
                            + ": an EVENTUAL write is acknowledged before any replica has it; leave out ACK ALL, or "
                            + "write at SEQUENTIAL ACK ALL");
        }
        Operation operation = weak.statement.operation();
        boolean makesKeys = operation == Operation.INSERT || operation == Operation.MERGE;
        if (makesKeys && weak.write.query().wantsKeys()) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "the generated keys of an EVENTUAL " + operation + " are not known before the leader executes it; "
                            + "give the key yourself, a random UUID for example, or write at SEQUENTIAL");
        }
    }

    /** The replica of the node that accepts: the session's home; without one, the node that served last while it runs. */
    private Replica local() throws SQLException {
        int preferred = session.state().home() != 0 ? session.state().home() : node != 0 ? node : session.lastNode();
        for (int i = 0; i < session.cluster().nodes(); i++) {
            int candidate = 1 + (preferred - 1 + i) % session.cluster().nodes();
            Replica replica = session.replica(candidate);
            if (replica.isAlive() && session.reaches(candidate)) {
                node = candidate;
                return replica;
            }
        }
        throw Refusals.nobodyReachable(session);
    }

    private List<Bound> bindAll(WeakWrite weak, List<Parameters> batch, Deadline deadline) throws SQLException {
        while (true) {
            Replica local = local();
            try {
                List<Bound> bound = new ArrayList<>(batch.size());
                for (Parameters parameters : batch) {
                    bound.add(bind(weak, parameters, local, deadline));
                }
                return bound;
            } catch (SQLException e) {
                if (local.isAlive() || deadline.isPast()) {
                    throw e;
                }
                // it stopped under the statement; nothing was accepted, so another node may
                LOG.debug("{} stopped while a write was being bound there", local.nodeName(), e);
            }
        }
    }

    /**
     * Binds on the node's own replica. What that finds wrong may only be wrong there: so a majority is asked how far the
     * log is, and the replica tried again when it is there. One that can ask nobody, and knows that it lacks something,
     * takes the values unchecked; what is wrong will be in TUNABLE.REJECTED_WRITES.
     */
    private Bound bind(WeakWrite weak, Parameters parameters, Replica local, Deadline deadline) throws SQLException {
        try {
            return bindNow(weak, parameters, local, deadline);
        } catch (SQLException e) {
            String state = Objects.requireNonNullElse(e.getSQLState(), "");
            if (!state.startsWith(NAMES_NOTHING)) {
                throw e;
            }
            if (catchUp(local, deadline)) {
                return bindNow(weak, parameters, local, deadline);
            }
            if (!isBehind(local)) {
                throw e;
            }
            return bindUnchecked(weak, parameters, local);
        }
    }

    private static boolean catchUp(Replica local, Deadline deadline) throws SQLException {
        Deadline soon = deadline.atMost(ASKING);
        try {
            long index = local.readIndex().get(soon.remainingNanos(), TimeUnit.NANOSECONDS);
            return local.awaitApplied(index, deadline);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
    }

    /** It was started again, and nobody has told it yet how much of its log is committed; or it was wiped. */
    private static boolean isBehind(Replica local) {
        return local.applied() == 0 || local.status().lastIndex() > local.applied();
    }

    private Bound bindUnchecked(WeakWrite weak, Parameters parameters, Replica local) throws SQLException {
        Reader reader = session.reader(local);
        // takes as many values as the statement does, of any type
        String text = "SELECT 1 WHERE FALSE" + " OR ? IS NULL".repeat(weak.statement.parameterCount());
        try (PreparedStatement statement =
                reader.connection(Reader.Mode.COMMITTED).prepareStatement(text)) {
            parameters.bind(statement);
            byte[] values = BoundValues.encode(statement);
            return new Bound(
                    new OutboxEntry.Step(weak.statement.text(), values),
                    rowCount(weak.statement).rows());
        }
    }

    private Bound bindNow(WeakWrite weak, Parameters parameters, Replica local, Deadline deadline) throws SQLException {
        Reader reader = session.reader(local);
        try {
            if (!reader.enter(deadline)) {
                throw Refusals.blockedByDefinition(session);
            }
        } catch (InterruptedException e) {
            throw Refusals.interrupted(e);
        }
        try {
            reader.readmit();
            PreparedStatement statement = weak.write.query().on(reader, Reader.Mode.COMMITTED);
            parameters.bind(statement);
            byte[] values = BoundValues.encode(statement);
            long count = count(weak.statement, statement, reader);
            return new Bound(new OutboxEntry.Step(weak.statement.text(), values), count);
        } finally {
            reader.exit();
        }
    }

    private long count(Statement.Sql statement, PreparedStatement bound, Reader reader) throws SQLException {
        RowCount count = rowCount(statement);
        String text = count.query();
        if (text == null) {
            return count.rows();
        }
        PreparedStatement counting = counting(text).on(reader, Reader.Mode.COMMITTED);
        BoundValues.copyLast(bound, counting);
        reader.running(counting);
        session.activate(reader);
        try (ResultSet rows = counting.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            if (reader.wasEvicted()) {
                throw Refusals.rolledBack("a schema change could not wait for the statement any longer", e);
            }
            throw e;
        } finally {
            reader.idle();
        }
    }

    private static RowCount rowCount(Statement.Sql statement) {
        return Objects.requireNonNull(ROW_COUNTS.get(statement.text(), text -> RowCount.of(statement)));
    }

    private Query counting(String text) {
        Query known = counts.get(text);
        if (known != null) {
            return known;
        }
        if (counts.size() >= MAX_COUNTS) {
            var eldest = counts.values().iterator();
            eldest.next().close();
            eldest.remove();
        }
        Query fresh = new Query(text, CallOptions.DEFAULT);
        counts.put(text, fresh);
        return fresh;
    }

    private long accept(List<Bound> bound, Deadline deadline) throws SQLException {
        Instant now = now();
        List<byte[]> entries = new ArrayList<>(bound.size());
        for (Bound one : bound) {
            entries.add(
                    new OutboxEntry(now, session.id(), session.state().settingsOfWrites(), List.of(one.step)).encode());
        }
        return append(entries, deadline);
    }

    private long append(List<byte[]> entries, Deadline deadline) throws SQLException {
        if (entries.isEmpty()) {
            return 0;
        }
        Outbox.Accepted accepted = session.cluster().outbox(node).append(entries, deadline);
        session.vector().queued(new Token.Mark(accepted.node(), accepted.incarnation(), accepted.number()));
        return accepted.number();
    }

    /** As precise as H2's clock. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    private long gather(List<Bound> bound) throws SQLException {
        QueuedTransaction transaction = queued;
        if (transaction == null) {
            transaction = new QueuedTransaction(now());
            queued = transaction;
        }
        for (Bound one : bound) {
            transaction.add(one.step);
        }
        return 0;
    }

    /** Accepts the gathered transaction, if there is one, as one write. */
    public void commit() throws SQLException {
        QueuedTransaction transaction = queued;
        queued = null;
        if (transaction != null && !transaction.steps().isEmpty()) {
            OutboxEntry entry = new OutboxEntry(
                    transaction.begunAt(), session.id(), session.state().settingsOfWrites(), transaction.steps());
            local();
            append(List.of(entry.encode()), Deadline.in(session.consistencyTimeout()));
        }
    }

    /** Forgets the gathered transaction, if there is one. */
    public void rollback() {
        queued = null;
    }

    /** SAVEPOINT and its kin, inside the gathered transaction. */
    public void control(Statement.TransactionControl control) throws SQLException {
        QueuedTransaction transaction = queued;
        if (transaction != null) {
            transaction.control(control);
        }
    }

    /** Fails when a transaction gathers weak writes, which a strong one can't join. */
    public void requireNotGathering(Rung rung) throws SQLException {
        if (queued != null) {
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "a write at " + rung.text() + " in a transaction whose writes so far are EVENTUAL and wait for its "
                            + "commit; commit first, or use SET TRANSACTION CONSISTENCY for all of them");
        }
    }

    private Receipt receipt(WritePath.Write write, Rung rung, long number, long waitedNanos) {
        Agreement agreement = write.agreement();
        return new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                rung,
                agreement.reason(),
                List.of(new Receipt.Served(
                        session.shard(), "n" + node, "OUTBOX", number, null, Duration.ofNanos(waitedNanos))),
                1,
                write.tables());
    }

    @Override
    public void close() {
        rollback();
        counts.values().forEach(Query::close);
        counts.clear();
    }
}
