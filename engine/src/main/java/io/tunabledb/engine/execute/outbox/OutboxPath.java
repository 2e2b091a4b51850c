package io.tunabledb.engine.execute.outbox;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Asking;
import io.tunabledb.engine.execute.session.DiskRoom;
import io.tunabledb.engine.execute.session.QueuedWrites;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.transaction.WritePath;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.message.OutboxMessage;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.outbox.OutboxEntry;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.engine.session.Token;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.sql.RowCount;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts weak writes at a node's outbox: the statement is prepared and its values are bound on the node's own replica,
 * which finds what is wrong with it, and both are appended. Nothing is executed here. In an explicit transaction the
 * statements are gathered and accepted as one write when it is committed. Each write is for one shard.
 *
 * <p>The update count is what the replica's rows say: the number of rows after VALUES, or of those the WHERE picks now;
 * {@link RowCount#UNKNOWN} where neither tells.
 */
public final class OutboxPath implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxPath.class);

    private final SessionState state;
    private final WeakBinding binding;
    private @Nullable QueuedTransaction queued;
    private int node;
    private int nextAny;

    public OutboxPath(SessionState state) {
        this.state = state;
        this.binding = new WeakBinding(state);
        this.nextAny = (int) (state.id() & 0xff);
    }

    /**
     * A weak write's text, and what was decided for it.
     *
     * @param shards where each of its executions is carried out, as {@link #shards} says
     */
    public record WeakWrite(Statement.Sql statement, WritePath.Write write, List<Integer> shards) {}

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

    /**
     * In which shard each execution of a write can be carried out as a whole; null when one of them concerns several, which
     * no outbox can wait for: its parts would not take effect together.
     */
    public @Nullable List<Integer> shards(Placement placement, List<Parameters> batch) {
        List<Integer> shards = new ArrayList<>(batch.size());
        int any = -1;
        for (Parameters parameters : batch) {
            if (!(placement.route(parameters::value) instanceof ShardRoute.OneShard one)) {
                return null;
            }
            if (one.isAny()) {
                any = any < 0 ? anyShard() : any;
            }
            shards.add(one.isAny() ? any : one.shard());
        }
        return shards;
    }

    /** What may be carried out anywhere goes where the transaction goes, or to one shard after the other. */
    private int anyShard() {
        QueuedTransaction transaction = queued;
        return transaction != null
                ? transaction.shard()
                : Math.floorMod(nextAny++, state.cluster().shards());
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
        QueuedTransaction transaction = weak.write.isAlone() ? null : transaction(weak.shards);
        List<String> settings = state.settings().ofWrite(weak.write.query());
        if (transaction != null) {
            transaction.requireSettings(settings);
        }
        Duration patience = Objects.requireNonNullElse(rung.within(), state.consistencyTimeout());
        Deadline deadline = Deadline.in(patience, startedNanos);
        if (rung.afterToken() != null) {
            // its indexes are committed, so every leader has them; its weak writes may be in another outbox
            for (int shard : new TreeSet<>(weak.shards)) {
                state.at(shard).neededAfter(rung.afterToken(), patience);
                QueuedWrites.settle(state.at(shard), rung, deadline);
            }
        }
        List<WeakBinding.Bound> bound = bindAll(weak, batch, deadline);
        SortedMap<Integer, Long> numbers =
                transaction == null ? accept(weak.shards, settings, bound, deadline) : gather(transaction, bound);
        Receipt receipt = receipt(weak.write, rung, numbers, System.nanoTime() - startedNanos);
        return bound.stream()
                .map(one -> new Result(null, one.count(), null, receipt, null))
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

    /**
     * Chooses the node that accepts: the session's home; without one, the node that served last while it runs.
     *
     * @param shards whose replicas must run there
     */
    private int choose(Collection<Integer> shards) throws SQLException {
        int preferred = state.home() != 0
                ? state.home()
                : node != 0 ? node : state.at(0).lastNode();
        int nodes = state.cluster().nodes();
        Shortage full = null;
        for (int i = 0; i < nodes; i++) {
            int candidate = 1 + (preferred - 1 + i) % nodes;
            Shortage found = state.cluster().diskAt(candidate);
            if (found != null) {
                full = full == null ? found : full;
            } else if (state.cluster().reaches(state.home(), candidate)
                    && shards.stream()
                            .allMatch(shard ->
                                    state.cluster().replica(candidate, shard).isServing())) {
                node = candidate;
                return candidate;
            }
        }
        throw full == null ? Refusals.nobodyReachable(state.at(0)) : DiskRoom.outboxFull(full);
    }

    private List<WeakBinding.Bound> bindAll(WeakWrite weak, List<Parameters> batch, Deadline deadline)
            throws SQLException {
        while (true) {
            int chosen = choose(weak.shards);
            Replica local = state.cluster().replica(chosen, 0);
            try {
                List<WeakBinding.Bound> bound = new ArrayList<>(batch.size());
                for (int i = 0; i < batch.size(); i++) {
                    local = state.cluster().replica(chosen, weak.shards.get(i));
                    bound.add(binding.bind(weak, batch.get(i), local, deadline));
                }
                return bound;
            } catch (SQLException e) {
                if (local.isServing() || deadline.isPast()) {
                    throw e;
                }
                // it stopped under the statement; nothing was accepted, so another node may
                LOG.debug("{} stopped while a write was being bound there", local.nodeName(), e);
            }
        }
    }

    private SortedMap<Integer, Long> accept(
            List<Integer> shards, List<String> settings, List<WeakBinding.Bound> bound, Deadline deadline)
            throws SQLException {
        Instant now = state.time().accepted();
        List<byte[]> entries = new ArrayList<>(bound.size());
        for (int i = 0; i < bound.size(); i++) {
            List<OutboxEntry.Step> steps = List.of(bound.get(i).step());
            entries.add(new OutboxEntry(
                            shards.get(i), now, state.id(), state.vector().epoch(), settings, steps)
                    .encode());
        }
        return append(entries, deadline);
    }

    private SortedMap<Integer, Long> append(List<byte[]> entries, Deadline deadline) throws SQLException {
        if (entries.isEmpty()) {
            return new TreeMap<>();
        }
        var unused = state.underway().propose(() -> false, true);
        Outbox.Accepted accepted = accepted(entries, Duration.ofNanos(deadline.remainingNanos()));
        accepted.numbers()
                .forEach((shard, number) ->
                        state.vector().queued(new Token.Mark(accepted.node(), accepted.incarnation(), shard, number)));
        return accepted.numbers();
    }

    private Outbox.Accepted accepted(List<byte[]> entries, Duration within) throws SQLException {
        try {
            return Asking.answer(state, node, new OutboxMessage.Append(entries, within), within);
        } catch (IOException e) {
            throw Errors.of(
                    SqlState.OUTCOME_UNKNOWN,
                    "whether the outbox of n" + node + " has taken the write is not known, its answer was lost: "
                            + e.getMessage() + "; read your data before you repeat it",
                    e);
        }
    }

    /** The transaction that gathers, begun now if there is none. It goes to one shard as a whole. */
    private QueuedTransaction transaction(List<Integer> shards) throws SQLException {
        QueuedTransaction transaction = queued;
        for (int shard : shards) {
            if (transaction == null) {
                transaction = new QueuedTransaction(state.time().accepted(), shard);
            }
            transaction.requireShard(shard);
        }
        return transaction == null ? new QueuedTransaction(state.time().accepted(), 0) : transaction;
    }

    private SortedMap<Integer, Long> gather(QueuedTransaction transaction, List<WeakBinding.Bound> bound)
            throws SQLException {
        queued = transaction;
        for (WeakBinding.Bound one : bound) {
            transaction.add(one.step());
        }
        return new TreeMap<>(Map.of(transaction.shard(), 0L));
    }

    /** Accepts the gathered transaction, if there is one, as one write. */
    public void commit() throws SQLException {
        QueuedTransaction transaction = queued;
        queued = null;
        if (transaction != null && !transaction.steps().isEmpty()) {
            OutboxEntry entry = new OutboxEntry(
                    transaction.shard(),
                    transaction.begunAt(),
                    state.id(),
                    state.vector().epoch(),
                    transaction.settings(),
                    transaction.steps());
            choose(List.of(transaction.shard()));
            append(List.of(entry.encode()), Deadline.in(state.consistencyTimeout()));
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
    public void requireNotGathering(Agreement agreement) throws SQLException {
        if (queued != null) {
            String reason = agreement.reason();
            throw Errors.of(
                    SqlState.NOT_ALLOWED,
                    "a write at " + agreement.granted().first().text() + (reason == null ? "" : " (" + reason + ")")
                            + " in a transaction whose writes so far are EVENTUAL and wait for its "
                            + "commit; commit first, or use SET TRANSACTION CONSISTENCY for all of them");
        }
    }

    private Receipt receipt(WritePath.Write write, Rung rung, SortedMap<Integer, Long> numbers, long waitedNanos) {
        Agreement agreement = write.agreement();
        Duration waited = Duration.ofNanos(waitedNanos);
        List<Receipt.Served> served = new ArrayList<>();
        numbers.forEach((shard, number) ->
                served.add(new Receipt.Served(shard, "n" + node, "OUTBOX", number, 0, null, waited)));
        return new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                rung,
                agreement.reason(),
                List.copyOf(served),
                1,
                write.tables());
    }

    @Override
    public void close() {
        rollback();
        binding.close();
    }
}
