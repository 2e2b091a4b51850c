package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.shard.check.StateHash;
import io.tunabledb.engine.shard.cut.CutPin;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.fresh.AppliedIndex;
import io.tunabledb.engine.shard.fresh.Freshness;
import io.tunabledb.engine.shard.fresh.ReadGate;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.DefinedTables;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.life.Lifecycle;
import io.tunabledb.engine.shard.life.ReplicaId;
import io.tunabledb.engine.shard.life.Workers;
import io.tunabledb.engine.shard.log.InDoubt;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.twophase.EpochCloser;
import io.tunabledb.engine.shard.twophase.PreparedTransactions;
import io.tunabledb.engine.shard.twophase.Recovery;
import io.tunabledb.engine.shard.validation.Validation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One replica of one shard: what the engine asks of its parts ({@link ReplicaParts}). The log drives them through {@link
 * StateMachine}; how fresh the storage is, {@link Freshness} knows. What serves reads and holds transactions sits beside it in
 * {@link Reader} and {@link ShardLeader}.
 */
public final class Replica {
    private final ReplicaParts parts;
    private final StateMachine stateMachine;
    // what every read asks, at hand
    private final CurrentStorage storage;
    private final Lifecycle life;
    private final Freshness freshness;
    private final AppliedIndex index;
    private final Epochs epochs;

    public Replica(
            int node, int shard, ReplicaOptions options, ReplicaListener listener, ScheduledExecutorService scheduler) {
        ReplicaParts.Told told = new ReplicaParts.Told(this, listener);
        parts = new ReplicaParts(
                new ReplicaId(node, shard), options, told, new Workers(listener.executor(), scheduler));
        stateMachine = new StateMachine(parts, told::released);
        storage = parts.storage;
        life = parts.life;
        freshness = parts.freshness;
        index = freshness.index();
        epochs = parts.epochs;
    }

    /** What the log drives. */
    public ReplicaStateMachine stateMachine() {
        return stateMachine;
    }

    /** Gives the replica its handle on the log, once that runs. */
    public void attach(ShardLog shardLog) {
        life.attach(shardLog);
        freshness.begin();
    }

    /** The node's number, from 1. */
    public int node() {
        return parts.id.node();
    }

    /** The node as receipts name it. */
    public String nodeName() {
        return parts.id.nodeName();
    }

    /** The shard's number, from 0. */
    public int shard() {
        return parts.id.shard();
    }

    /**
     * Makes this replica a liar, for drills: it claims to have applied {@code index} and to be fresh for an hour, while
     * its rows stay what they are. Until it gets there in earnest its readers are served what they were not promised.
     */
    public void lie(long claimed) {
        freshness.lie(claimed);
    }

    /** What this replica believes of its shard. */
    public LogStatus status() {
        return life.status();
    }

    /** Why its log's disk takes nothing now; null when it does. Has a log that ended silently say so. */
    public @Nullable Shortage diskShortage() {
        return life.diskShortage();
    }

    /** Gives the lead to another node, if this replica has it. */
    public void handOver(int to) {
        requireLog().handOver(to);
    }

    /** Ends a log that can't be written. */
    public void endLog(IOException cause) {
        life.endLog(cause);
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return life.isAlive();
    }

    /** Whether it can be read: it runs, or its log alone has ended, and what was applied before is still there. */
    public boolean isServing() {
        return life.isServing();
    }

    /** Whether it was stopped on purpose, before or after it may have stopped for good by itself. */
    public boolean isClosed() {
        return life.isClosed();
    }

    /** Why it stopped for good, or null. */
    public @Nullable Throwable failure() {
        return life.failure();
    }

    /**
     * Whether it has applied everything that was committed when it asked its leader after it was started. Until then it
     * serves nothing but reads that bring a confirmed index of their own.
     */
    public boolean isReady() {
        return freshness.isReady();
    }

    /** The last index whose effects are committed in storage. */
    public long applied() {
        return index.applied();
    }

    /** At least the last index a query that has its result may have seen. */
    public long applying() {
        return index.applying();
    }

    /** Waits until {@code target} is applied; false when the deadline came first. */
    public boolean awaitApplied(long target, Deadline deadline) throws InterruptedException {
        return index.await(target, deadline);
    }

    /** The last number of an outbox whose write is applied here; 0 before the first. */
    public long outboxMark(long incarnation) {
        return parts.outboxMarks.of(incarnation);
    }

    /** It is committed here that an outbox is carried out so far, in a transaction that is no batch of it. */
    public void carriedOut(long incarnation, long number) {
        parts.outboxMarks.raise(incarnation, number);
    }

    /** Completes when a number of an outbox is applied here, or the time is up: whoever asked looks which. */
    public CompletableFuture<@Nullable Void> outboxReached(long incarnation, long number, Duration within) {
        return parts.outboxMarks.reached(incarnation, number, within);
    }

    /**
     * Waits until every transaction over shards that was prepared here up to an index is committed or aborted here; false
     * when the deadline came first. Its home may show it already.
     */
    public boolean awaitFinished(long upTo, Deadline deadline) throws InterruptedException {
        return parts.twoPhase.awaitFinished(upTo, deadline);
    }

    // ---- cuts; DESIGN.md in package cut tells the protocol ----

    /** The epoch of the last entry applied here. Read after a result, it is at least that of everything the result has seen. */
    public long epoch() {
        return epochs.epoch();
    }

    /** The newest cut that was started, as the first shard's log says here; 0 in other shards. */
    public long newestCut() {
        return epochs.now().newest();
    }

    /** Whether the newest cut was given up. */
    public boolean isNewestCutCancelled() {
        return epochs.now().cancelled();
    }

    /**
     * A replica's state that did not change while it was pinned.
     *
     * @param index the last entry that is in it
     * @param epoch its epoch
     */
    public record Standing(long index, long epoch) {}

    /** Pins what is applied here; null when that changed meanwhile, or when a transaction over shards is in doubt in it. */
    public @Nullable Standing pinStanding(CutPin pin) {
        long at = index.applied();
        pin.take(at, settings());
        long epoch = epochs.epoch();
        boolean isWhole = !parts.twoPhase.prepared().isInDoubtUpTo(Long.MAX_VALUE);
        // read last: before anything of an entry shows, this counter does
        return isWhole && index.applying() == at ? new Standing(at, epoch) : null;
    }

    /** Has a reader pinned at a cut; false when that cut has gone by here, or the replica has stopped. */
    public boolean register(CutPin pin, long cut) {
        return parts.cutPins.register(cut, pin, this::isAlive);
    }

    /** Takes a registration back; the pin itself is to be withdrawn, too. */
    public void unregister(CutPin pin, long cut) {
        parts.cutPins.withdraw(cut, pin);
    }

    // ---- freshness ----

    /** How many queries run here. */
    public int load() {
        return parts.readers.gate().load();
    }

    /** This replica's monotonic clock. */
    public long now() {
        return freshness.now();
    }

    /** Nanoseconds the data can at most be old; {@link Long#MAX_VALUE} when no lease was taken yet. */
    public long stalenessNanos() {
        return freshness.stalenessNanos();
    }

    /** A majority-confirmed index covering everything committed before this call. */
    public CompletableFuture<Long> readIndex() {
        return freshness.readIndex();
    }

    /** Tells the lease's refresher which bounds are in use. */
    public void boundedReadAsked(long boundNanos) {
        freshness.boundedReadAsked(boundNanos);
    }

    /** Raises the freshness lease to the moment of this call; completes with the read index it took. */
    public CompletableFuture<Long> refreshLease() {
        return freshness.refreshLease();
    }

    /** A read index taken at {@code t0} is applied here: the lease may use it. */
    public void confirmedFresh(long t0) {
        freshness.confirmed(t0);
    }

    /** Opens a session's way to read here. */
    public Reader openReader(Reader.Setup setup) {
        Reader reader = new Reader(this, setup);
        parts.readers.add(reader);
        return reader;
    }

    @Nullable
    CompletableFuture<@Nullable Void> fates() {
        return parts.leadership.fates();
    }

    void forget(Reader reader) {
        parts.readers.remove(reader);
    }

    void executeOrRun(Runnable task) {
        parts.workers.executeOrRun(task);
    }

    /** The tables. */
    public Storage storage() {
        return storage.get();
    }

    /**
     * The settings its tables have, by name. While a {@link Reader} or a writer's statement is inside it does not change, but
     * for those no definition brings.
     */
    public Map<String, String> settings() {
        return parts.catalog.settings();
    }

    /** The answer kept for a session's entry, or null when no such entry is applied here. */
    public @Nullable Outcome outcome(long session, long number) {
        byte[] bytes = storage().outcome(session, number);
        return bytes == null ? null : Outcome.decode(bytes);
    }

    /** The hash this replica computed for a check; completes when it has. */
    public CompletableFuture<StateHash> checkResult(long id) {
        return parts.checks.of(id);
    }

    /** The transactions that are open or proposed here now, oldest first; none where this does not lead. */
    public List<ActiveTransaction> transactions() {
        return parts.activeTransactions.transactions();
    }

    /** The transactions over shards that are prepared here and whose end this replica does not know, oldest first. */
    public List<InDoubt> inDoubt() {
        return parts.twoPhase.prepared().inDoubt(0);
    }

    /** How many transactions over shards this shard, as their home, has decided and not forgotten yet. */
    public int undelivered() {
        return parts.twoPhase.prepared().undelivered(0).size();
    }

    Validation validation() {
        return parts.validation;
    }

    PreparedTransactions preparedTransactions() {
        return parts.twoPhase.prepared();
    }

    Recovery recovery() {
        return parts.twoPhase.recovery();
    }

    EpochCloser closing() {
        return parts.twoPhase.closer();
    }

    /** An index that covers everything committed before this call, once it is applied here. */
    public CompletableFuture<Long> caughtUp() {
        return freshness.caughtUp();
    }

    ReadGate gate() {
        return parts.readers.gate();
    }

    /** What schema changes keep queries from, while this leads. */
    DefinedTables defined() {
        return parts.defined;
    }

    /** Whether a query of one of these tables is inside the gate. */
    boolean isRead(Predicate<List<String>> tables) {
        return parts.readers.isRead(tables);
    }

    ActiveTransactions activeTransactions() {
        return parts.activeTransactions;
    }

    ShardLog requireLog() {
        return life.log();
    }

    ReplicaOptions options() {
        return parts.options;
    }

    /** Why the log has grown without a snapshot, or null. */
    public @Nullable String snapshotError() {
        return parts.snapshots.error();
    }

    /**
     * Stops serving. With {@code keepState}, writes a last snapshot so that the next start need not replay the log. The
     * log must be closed before, so that nothing is applied any more. Idempotent: a killed replica stays as it is.
     */
    public void close(boolean keepState) {
        parts.close(keepState);
    }
}
