package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.log.LogFailedException;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.MemoryEndedException;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.shard.check.CheckResults;
import io.tunabledb.engine.shard.check.StateHash;
import io.tunabledb.engine.shard.cut.CutPin;
import io.tunabledb.engine.shard.cut.CutPins;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.fresh.AppliedIndex;
import io.tunabledb.engine.shard.fresh.FreshnessLease;
import io.tunabledb.engine.shard.fresh.OutboxMarks;
import io.tunabledb.engine.shard.fresh.ReadGate;
import io.tunabledb.engine.shard.fresh.Readiness;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.ActiveWork;
import io.tunabledb.engine.shard.held.DefinedTables;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.EntryFailedException;
import io.tunabledb.engine.shard.log.InDoubt;
import io.tunabledb.engine.shard.log.LeftOut;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.snapshot.SnapshotKeeper;
import io.tunabledb.engine.shard.validation.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of one shard: applies the log's entries to its storage, and knows how fresh that storage is. What serves
 * reads and holds transactions sits beside it in {@link Reader} and {@link ShardLeader}.
 */
public final class Replica implements ReplicaStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
    /** A storage that is closed is in nobody's way: what has not ended by then ends with it. */
    private static final Duration STRAGGLERS = Duration.ofSeconds(10);

    private static final long FINISH_PAUSE_NANOS = 200_000;
    private static final LogStatus STOPPED = new LogStatus(false, false, 0, 0, 0, 0);

    private final int node;
    private final int shard;
    private final ReplicaOptions options;
    private final ReplicaListener listener;
    private final AppliedIndex index = new AppliedIndex();
    private final OutboxMarks outboxMarks = new OutboxMarks();
    private final FreshnessLease lease = new FreshnessLease(System::nanoTime);
    private final ReaderGate readers;
    private final LeaseRefresher refresher;
    private final SnapshotSchedule snapshots;
    private final ReplicaCatalog catalog;
    private final Applier applier;
    private final ActiveTransactions activeTransactions;
    private final Validation validation;
    private final PreparedTransactions preparedTransactions;
    private final Recovery recovery;
    private final StorageWatch watch;
    private final Epochs epochs = new Epochs(this::storage);
    private final CutPins cutPins = new CutPins(epochs, this::settings);
    private final EpochCloser closing;
    private final CheckResults checks = new CheckResults();
    private final DefinedTables defined = new DefinedTables();
    private volatile @Nullable Storage storage;
    private volatile @Nullable ShardLog log;
    private volatile @Nullable Throwable failure;
    private volatile boolean stopped;
    private final Readiness readiness = new Readiness(index, this::askLeader);
    private final ScheduledExecutorService scheduler;
    private final AtomicBoolean closed = new AtomicBoolean();

    public Replica(
            int node, int shard, ReplicaOptions options, ReplicaListener listener, ScheduledExecutorService scheduler) {
        this.node = node;
        this.shard = shard;
        this.options = options;
        this.listener = listener;
        this.scheduler = scheduler;
        this.refresher = new LeaseRefresher(this, scheduler);
        this.readers = new ReaderGate(options.definitionGrace());
        this.catalog = new ReplicaCatalog(this, listener);
        this.snapshots = new SnapshotSchedule(
                this,
                new SnapshotKeeper(
                        "n" + node + "/shard" + shard,
                        options.syncSnapshots(),
                        new SnapshotKeeper.Content(options.database(), listener.systemSchema(), options.shard(shard))),
                options.snapshotAfterBytes(),
                listener.executor());
        this.activeTransactions = new ActiveTransactions(listener.executor());
        this.validation = new Validation(activeTransactions::oldestRead);
        this.preparedTransactions =
                new PreparedTransactions(shard, this::storage, epochs, activeTransactions, validation);
        this.closing = new EpochCloser(this, preparedTransactions, listener, scheduler);
        this.recovery = new Recovery(this, preparedTransactions, listener, scheduler);
        this.watch = new StorageWatch(this, scheduler);
        this.applier = applier();
    }

    private Applier applier() {
        EntryRows rows = new EntryRows(this, activeTransactions, outboxMarks);
        LockPause locks = new LockPause(activeTransactions, preparedTransactions);
        return new Applier(
                this,
                new TransactionHandler(this, rows, epochs, preparedTransactions, locks, catalog),
                new DefinitionHandler(this, rows, activeTransactions, locks, readers, catalog),
                new CutHandler(this, listener, epochs, cutPins, preparedTransactions),
                checks,
                listener.executor());
    }

    /** Gives the replica its handle on the log, once that runs. */
    public void attach(ShardLog shardLog) {
        log = shardLog;
        readiness.begin(scheduler);
    }

    /** The node's number, from 1. */
    public int node() {
        return node;
    }

    /** The node as receipts name it. */
    public String nodeName() {
        return "n" + node;
    }

    /** The shard's number, from 0. */
    public int shard() {
        return shard;
    }

    /**
     * Makes this replica a liar, for drills: it claims to have applied {@code index} and to be fresh for an hour, while
     * its rows stay what they are. Until it gets there in earnest its readers are served what they were not promised.
     */
    public void lie(long claimed) {
        lease.raise(lease.now() + TimeUnit.HOURS.toNanos(1));
        index.jump(Math.max(claimed, index.applied()));
    }

    /** What this replica believes of its shard. */
    public LogStatus status() {
        ShardLog current = log;
        return current == null || stopped ? STOPPED : current.status();
    }

    /** Why its log's disk takes nothing now; null when it does. Has a log that ended silently say so. */
    public @Nullable Shortage diskShortage() {
        ShardLog current = log;
        if (current == null || stopped) {
            return null;
        }
        current.look();
        return current.shortage();
    }

    /** Gives the lead to another node, if this replica has it. */
    public void handOver(int to) {
        requireLog().handOver(to);
    }

    /** Ends a log that can't be written. */
    public void endLog(IOException cause) {
        requireLog().fail(new LogFailedException("its log can't be written: " + cause.getMessage(), cause));
    }

    /** Whether it runs. */
    public boolean isAlive() {
        Storage current = storage;
        return log != null && !stopped && (current == null || !current.isShut());
    }

    boolean isStopped() {
        return stopped;
    }

    /** Whether it can be read: it runs, or its log alone has ended, and what was applied before is still there. */
    public boolean isServing() {
        return isAlive() || (failure instanceof LogFailedException && !closed.get());
    }

    /** Whether it was stopped on purpose, before or after it may have stopped for good by itself. */
    public boolean isClosed() {
        return closed.get();
    }

    /** Why it stopped for good, or null. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /**
     * Whether it has applied everything that was committed when it asked its leader after it was started. Until then it
     * serves nothing but reads that bring a confirmed index of their own.
     */
    public boolean isReady() {
        return readiness.isReached();
    }

    private @Nullable CompletableFuture<Long> askLeader() {
        LogStatus now = status();
        return now.leading() || now.leader() != 0 ? readIndex() : null;
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
        return outboxMarks.of(incarnation);
    }

    /** It is committed here that an outbox is carried out so far, in a transaction that is no batch of it. */
    public void carriedOut(long incarnation, long number) {
        outboxMarks.raise(incarnation, number);
    }

    /** Waits until a number of an outbox is applied; false when the deadline came first. */
    public boolean awaitOutboxMark(long incarnation, long number, Deadline deadline) throws InterruptedException {
        return outboxMarks.await(incarnation, number, deadline);
    }

    /**
     * Waits until every transaction over shards that was prepared here up to an index is committed or aborted here; false
     * when the deadline came first. Its home may show it already.
     */
    public boolean awaitFinished(long upTo, Deadline deadline) throws InterruptedException {
        while (preparedTransactions.isInDoubtUpTo(upTo)) {
            if (deadline.isPast()) {
                return false;
            }
            // it takes as long as an entry; who waits is rare
            LockSupport.parkNanos(FINISH_PAUSE_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return true;
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
        boolean isWhole = !preparedTransactions.isInDoubtUpTo(Long.MAX_VALUE);
        // read last: before anything of an entry shows, this counter does
        return isWhole && index.applying() == at ? new Standing(at, epoch) : null;
    }

    /** Has a reader pinned at a cut; false when that cut has gone by here, or the replica has stopped. */
    public boolean register(CutPin pin, long cut) {
        return cutPins.register(cut, pin, this::isAlive);
    }

    /** Takes a registration back; the pin itself is to be withdrawn, too. */
    public void unregister(CutPin pin, long cut) {
        cutPins.withdraw(cut, pin);
    }

    // ---- freshness ----

    /** How many queries run here. */
    public int load() {
        return readers.gate().load();
    }

    /** This replica's monotonic clock. */
    public long now() {
        return lease.now();
    }

    /** Nanoseconds the data can at most be old; {@link Long#MAX_VALUE} when no lease was taken yet. */
    public long stalenessNanos() {
        return lease.stalenessNanos();
    }

    /** A majority-confirmed index covering everything committed before this call. */
    public CompletableFuture<Long> readIndex() {
        return requireLog().readIndex();
    }

    /** Tells the lease's refresher which bounds are in use. */
    public void boundedReadAsked(long boundNanos) {
        refresher.asked(boundNanos);
    }

    /** Raises the freshness lease to the moment of this call; completes with the read index it took. */
    public CompletableFuture<Long> refreshLease() {
        long t0 = lease.now();
        return readIndex()
                .thenCompose(target -> index.reached(target).thenApply(done -> {
                    lease.raise(t0);
                    return target;
                }));
    }

    /** A read index taken at {@code t0} is applied here: the lease may use it. */
    public void confirmedFresh(long t0) {
        lease.raise(t0);
    }

    /** Opens a session's way to read here. */
    public Reader openReader(Reader.Setup setup) {
        Reader reader = new Reader(this, setup);
        readers.add(reader);
        return reader;
    }

    void forget(Reader reader) {
        readers.remove(reader);
    }

    /** The tables, or null before it has started. */
    @Nullable
    Storage storageIfAny() {
        return storage;
    }

    void execute(Runnable task) {
        listener.executor().execute(task);
    }

    /** The same; when the node has no threads any more, because it is being closed, on this one. */
    void executeOrRun(Runnable task) {
        try {
            execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    /** The tables. */
    public Storage storage() {
        return Objects.requireNonNull(storage, "replica not started");
    }

    /**
     * The settings its tables have, by name. While a {@link Reader} or a writer's statement is inside it does not change, but
     * for those no definition brings.
     */
    public Map<String, String> settings() {
        return catalog.settings();
    }

    /** The answer kept for a session's entry, or null when no such entry is applied here. */
    public @Nullable Outcome outcome(long session, long number) {
        byte[] bytes = storage().outcome(session, number);
        return bytes == null ? null : Outcome.decode(bytes);
    }

    /** The hash this replica computed for a check; completes when it has. */
    public CompletableFuture<StateHash> checkResult(long id) {
        return checks.of(id);
    }

    /** The transactions that are open or proposed here now, oldest first; none where this does not lead. */
    public List<ActiveTransaction> transactions() {
        return activeTransactions.transactions();
    }

    /** The transactions over shards that are prepared here and whose end this replica does not know, oldest first. */
    public List<InDoubt> inDoubt() {
        return preparedTransactions.inDoubt(0);
    }

    /** How many transactions over shards this shard, as their home, has decided and not forgotten yet. */
    public int undelivered() {
        return preparedTransactions.undelivered(0).size();
    }

    Validation validation() {
        return validation;
    }

    PreparedTransactions preparedTransactions() {
        return preparedTransactions;
    }

    Recovery recovery() {
        return recovery;
    }

    EpochCloser closing() {
        return closing;
    }

    /** An index that covers everything committed before this call, once it is applied here. */
    public CompletableFuture<Long> caughtUp() {
        return readIndex().thenCompose(target -> index.reached(target).thenApply(done -> target));
    }

    ReadGate gate() {
        return readers.gate();
    }

    /** What schema changes keep queries from, while this leads. */
    DefinedTables defined() {
        return defined;
    }

    /** Whether a query of one of these tables is inside the gate. */
    boolean isRead(Predicate<List<String>> tables) {
        return readers.isRead(tables);
    }

    ActiveTransactions activeTransactions() {
        return activeTransactions;
    }

    ShardLog requireLog() {
        return Objects.requireNonNull(log, "replica not started");
    }

    ReplicaOptions options() {
        return options;
    }

    // ---- what the log drives ----

    @Override
    public @Nullable CompletableFuture<@Nullable Void> fates() {
        CompletableFuture<@Nullable Void> fates = activeTransactions.fates();
        // while the disk takes nothing, nothing is decided; reads go on, and what is unknown to its caller stays so
        return fates == null || requireLog().shortage() != null ? null : fates;
    }

    @Override
    public void refused(Object held) {
        if (held instanceof ActiveWork work) {
            // undoing waits for a statement that may run in it
            executeOrRun(() -> {
                work.rollBack("the log refused its entry");
                activeTransactions.end(work);
            });
        }
    }

    /** A storage that was closed under an entry fails any entry: that is none of this one's, and passes. */
    private Throwable reason(Throwable failure) {
        Storage closed = storageIfAny();
        return closed != null && closed.isShut()
                ? new MemoryEndedException(
                        "H2 has closed the database, as it does when memory ends in the middle of a statement", failure)
                : failure;
    }

    @Override
    public void apply(LogPosition at, byte[] bytes, @Nullable Object held) {
        activeTransactions.rollBackBefore(at.term());
        String leftOut = listener.leftOut(shard, at.index());
        boolean isChange = false;
        try {
            index.begin(at.index());
            if (leftOut == null) {
                isChange = Entry.decode(bytes).applyTo(applier, at, held);
            } else {
                LeftOut.goBy(storage(), at, bytes, leftOut);
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // says which entry it is: the database meets it again at its next start
            throw new EntryFailedException(shard, at, LeftOut.describe(bytes), reason(e));
        }
        snapshots.advanced(at);
        index.raise(at.index());
        if (isChange) {
            listener.applied(this, at.index());
        }
        snapshots.applied(bytes.length);
    }

    @Override
    public void advanced(LogPosition at) {
        activeTransactions.rollBackBefore(at.term());
        storage().advance(at.term(), at.index());
        snapshots.advanced(at);
        index.begin(at.index());
        index.raise(at.index());
    }

    // ---- leadership ----

    @Override
    public void leadershipAcquired(long term) {
        LOG.info("{} leads shard {} in term {}", nodeName(), shard, term);
        activeTransactions.rollBackBefore(term);
        preparedTransactions.hold(term);
        activeTransactions.admit(term);
        recovery.arm();
    }

    @Override
    public void leadershipLost() {
        long lost = activeTransactions.refuse();
        closing.stop();
        // off the log's thread: a rollback waits for its statement to stop
        listener.executor().execute(() -> activeTransactions.rollBackUnproposed(lost));
    }

    // ---- snapshots ----

    @Override
    public LogPosition restore(Path directory) throws IOException {
        return Stacks.deep(() -> restoreFrom(directory));
    }

    private LogPosition restoreFrom(Path directory) throws IOException {
        readers.closeForRestore();
        try {
            boolean allEnded = activeTransactions.rollBackAll("the replica was rebuilt from a snapshot", STRAGGLERS);
            LOG.debug("{}: all statements have ended: {}", nodeName(), allEnded);
            Storage old = storage;
            SnapshotKeeper.Restored restored = snapshots.restore(directory);
            storage = restored.storage();
            outboxMarks.reset(storage().own().outboxMarks());
            preparedTransactions.restore();
            epochs.restore();
            cutPins.fail("the replica was rebuilt from a snapshot");
            listener.released(this, epochs.released());
            index.jump(restored.at().index());
            if (old != null) {
                old.close();
            }
            catalog.publish(restored.at().index());
            return restored.at();
        } catch (SQLException e) {
            throw new IllegalStateException("can't read the engine's own tables of " + nodeName(), e);
        } finally {
            readers.open();
        }
    }

    @Override
    public @Nullable SnapshotFile latestSnapshot() {
        return snapshots.latest();
    }

    /** There is a new one: the log may be purged up to it. */
    void snapshotCompleted() {
        ShardLog current = log;
        if (current != null && !stopped) {
            current.snapshotCompleted();
        }
    }

    /** Why the log has grown without a snapshot, or null. */
    public @Nullable String snapshotError() {
        return snapshots.error();
    }

    @Override
    public void failed(Throwable cause) {
        // first, and without anything made: where memory has ended, whoever looks must see it
        failure = cause;
        stopped = true;
        LOG.error("{}: shard {} stopped on this node", nodeName(), shard, cause);
        readiness.end();
        cutPins.fail("the replica stopped");
    }

    /**
     * Stops serving. With {@code keepState}, writes a last snapshot so that the next start need not replay the log. The
     * log must be closed before, so that nothing is applied any more. Idempotent: a killed replica stays as it is.
     */
    public void close(boolean keepState) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        stopped = true;
        readiness.end();
        watch.stop();
        var unused = activeTransactions.refuse();
        closing.stop();
        cutPins.fail("the node was stopped");
        if (!activeTransactions.rollBackAll("the node was stopped", STRAGGLERS)) {
            LOG.warn("{}: a statement outlives its cancellation; it ends with its storage", nodeName());
        }
        Storage current = storage;
        if (current == null) {
            return;
        }
        if (keepState && failure == null) {
            snapshots.writeLast(current);
        }
        current.close();
    }
}
