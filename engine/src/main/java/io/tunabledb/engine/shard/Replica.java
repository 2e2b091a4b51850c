package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.h2.Definer;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.catalog.LedgerRow;
import io.tunabledb.engine.h2.ddl.SchemaChange;
import io.tunabledb.engine.h2.ddl.SchemaChangeBlockedException;
import io.tunabledb.engine.h2.ddl.SchemaChangeResult;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.log.LogFailedException;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.shard.fresh.AppliedIndex;
import io.tunabledb.engine.shard.fresh.FreshnessLease;
import io.tunabledb.engine.shard.fresh.OutboxMarks;
import io.tunabledb.engine.shard.fresh.ReadGate;
import io.tunabledb.engine.shard.fresh.Readiness;
import io.tunabledb.engine.shard.held.ActiveSchemaChange;
import io.tunabledb.engine.shard.held.ActiveTransaction;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.ActiveWork;
import io.tunabledb.engine.shard.held.DefinedTables;
import io.tunabledb.engine.shard.log.Entry;
import io.tunabledb.engine.shard.log.EntryFailedException;
import io.tunabledb.engine.shard.log.InDoubt;
import io.tunabledb.engine.shard.log.LeftOut;
import io.tunabledb.engine.shard.log.Outcome;
import io.tunabledb.engine.shard.validation.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final Duration EVICT_AGAIN = Duration.ofMillis(20);
    /** A storage that is closed is in nobody's way: what has not ended by then ends with it. */
    private static final Duration STRAGGLERS = Duration.ofSeconds(10);

    private static final long FINISH_PAUSE_NANOS = 200_000;
    private static final long SNAPSHOT_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final LogStatus STOPPED = new LogStatus(false, false, 0, 0, 0, 0);

    private final int node;
    private final int shard;
    private final ReplicaOptions options;
    private final ReplicaListener listener;
    private final AppliedIndex index = new AppliedIndex();
    private final OutboxMarks outboxMarks = new OutboxMarks();
    private final FreshnessLease lease = new FreshnessLease(System::nanoTime);
    private final ReadGate gate = new ReadGate();
    private final LeaseRefresher refresher;
    private final SnapshotKeeper snapshots;
    private final ActiveTransactions activeTransactions;
    private final Validation validation;
    private final PreparedTransactions preparedTransactions;
    private final Recovery recovery;
    private final StorageWatch watch;
    private final Epochs epochs = new Epochs(this::storage);
    private final CutPins cutPins = new CutPins(epochs, this::settings);
    private final EpochCloser closing;
    private final CheckResults checks = new CheckResults();
    private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
    private final DefinedTables defined = new DefinedTables();
    private final AtomicBoolean snapshotRunning = new AtomicBoolean();
    private volatile @Nullable Storage storage;
    private volatile @Nullable ShardLog log;
    private volatile @Nullable Throwable failure;
    /** When a snapshot that failed is tried again; 0 for never. */
    private volatile long snapshotDueNanos;

    private volatile boolean stopped;
    /** Read inside the gates, where no definition runs: that is what storage has then. */
    private volatile Map<String, String> settings = Map.of();

    private final Readiness readiness = new Readiness(index, this::askLeader);
    private final ScheduledExecutorService scheduler;
    private final AtomicBoolean closed = new AtomicBoolean();
    private LogPosition last = LogPosition.ZERO;
    private long bytesSinceSnapshot;

    public Replica(
            int node, int shard, ReplicaOptions options, ReplicaListener listener, ScheduledExecutorService scheduler) {
        this.node = node;
        this.shard = shard;
        this.options = options;
        this.listener = listener;
        this.scheduler = scheduler;
        this.refresher = new LeaseRefresher(this, scheduler);
        this.snapshots = new SnapshotKeeper(
                "n" + node + "/shard" + shard,
                options.syncSnapshots(),
                new SnapshotKeeper.Content(options.database(), listener.systemSchema(), options.shard(shard)));
        this.activeTransactions = new ActiveTransactions(listener.executor());
        this.validation = new Validation(activeTransactions::oldestRead);
        this.preparedTransactions =
                new PreparedTransactions(shard, this::storage, epochs, activeTransactions, validation);
        this.closing = new EpochCloser(this, preparedTransactions, listener, scheduler);
        this.recovery = new Recovery(this, preparedTransactions, listener, scheduler);
        this.watch = new StorageWatch(this, scheduler);
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
        pin.take(at, settings);
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
        return gate.load();
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
        return settings;
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
        return gate;
    }

    /** What schema changes keep queries from, while this leads. */
    DefinedTables defined() {
        return defined;
    }

    /** Whether a query of one of these tables is inside the gate. */
    boolean isRead(Predicate<List<String>> tables) {
        return readers.stream().anyMatch(reader -> reader.isReading(tables));
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

    @Override
    public void apply(LogPosition at, byte[] bytes, @Nullable Object held) {
        activeTransactions.rollBackBefore(at.term());
        String leftOut = listener.leftOut(shard, at.index());
        boolean isChange = false;
        try {
            index.begin(at.index());
            if (leftOut == null) {
                isChange = apply(at, Entry.decode(bytes), held);
            } else {
                LeftOut.goBy(storage(), at, bytes, leftOut);
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // says which entry it is: the database meets it again at its next start
            throw new EntryFailedException(shard, at, LeftOut.describe(bytes), e);
        }
        last = at;
        index.raise(at.index());
        if (isChange) {
            listener.applied(this, at.index());
        }
        bytesSinceSnapshot += bytes.length;
        if (bytesSinceSnapshot > options.snapshotAfterBytes() || isSnapshotDue()) {
            startSnapshot();
        }
    }

    /** True when rows or the schema changed. */
    private boolean apply(LogPosition at, Entry entry, @Nullable Object held) {
        boolean isChange = changes(entry, at.term());
        if (entry instanceof Entry.Write write) {
            applyWrite(at, write, held instanceof ActiveTransaction transaction ? transaction : null);
        } else if (entry instanceof Entry.Define define) {
            ActiveSchemaChange definition = held instanceof ActiveSchemaChange own ? own : null;
            isChange = Stacks.deep(() -> applyDefinition(at, define, definition));
        } else if (entry instanceof Entry.Prepare prepare) {
            applyPrepare(at, prepare, held instanceof ActiveTransaction transaction ? transaction : null);
        } else if (entry instanceof Entry.Decide decide) {
            isChange = applyDecide(at, decide, held instanceof ActiveTransaction transaction ? transaction : null);
        } else if (entry instanceof Entry.Finish finish) {
            isChange = preparedTransactions.finish(at, finish);
            closing.applied();
        } else if (entry instanceof Entry.Forget forget) {
            preparedTransactions.forget(at, forget);
        } else if (entry instanceof Entry.Close close) {
            applyClose(at, close);
        } else if (entry instanceof Entry.Start start) {
            epochs.start(start.epoch());
            endOfCutEntry(at);
        } else if (entry instanceof Entry.Cancel cancel) {
            epochs.cancel(cancel.epoch());
            endOfCutEntry(at);
        } else {
            storage().advance(at.term(), at.index());
            applyCheck((Entry.Check) entry);
        }
        return isChange;
    }

    /** One of an earlier term is void; of a transaction over shards its own entries tell; a check changes nothing. */
    private static boolean changes(Entry entry, long term) {
        return (entry instanceof Entry.Write write && write.term() == term)
                || (entry instanceof Entry.Define define && define.term() == term);
    }

    @Override
    public void advanced(LogPosition at) {
        activeTransactions.rollBackBefore(at.term());
        storage().advance(at.term(), at.index());
        last = at;
        index.begin(at.index());
        index.raise(at.index());
    }

    private void applyWrite(LogPosition at, Entry.Write write, @Nullable ActiveTransaction held) {
        if (isVoid(at, write.term(), held)) {
            return;
        }
        LedgerRow row = new LedgerRow(at.term(), at.index(), write.session(), write.number(), write.outcome());
        commit(row, write.changes(), held);
        if (write.outbox()) {
            outboxMarks.raise(write.session(), write.number());
        } else {
            raiseOutboxMarks(write.changes());
        }
        if (write.settings()) {
            Stacks.deep(() -> {
                publishCatalog(at.index());
                return true;
            });
        }
    }

    /**
     * Proposed by a leader that lost and regained leadership in between: its locks were gone, so it is void on every replica
     * alike, and the absent ledger row tells its caller.
     */
    private boolean isVoid(LogPosition at, long term, @Nullable ActiveWork held) {
        if (term == at.term()) {
            return false;
        }
        rollBack(at, held, "its term ended before it was logged");
        return true;
    }

    /** An entry that has no effect on any replica. */
    private void rollBack(LogPosition at, @Nullable ActiveWork held, String why) {
        if (held != null) {
            held.rollBack(why);
            activeTransactions.end(held);
        }
        storage().advance(at.term(), at.index());
    }

    private void commit(LedgerRow row, byte[] changes, @Nullable ActiveTransaction held) {
        if (held == null || !held.commit(row)) {
            storage().apply(row, changes);
        }
        if (held != null) {
            activeTransactions.end(held);
        }
    }

    private void applyPrepare(LogPosition at, Entry.Prepare entry, @Nullable ActiveTransaction held) {
        if (isVoid(at, entry.term(), held)) {
            return;
        }
        boolean isHeld = preparedTransactions.prepare(at, entry, held);
        if (!isHeld) {
            holdAgain();
        }
        recovery.arm();
    }

    /** True when rows changed by it; in an epoch that is still to come they do by what finishes it. */
    private boolean applyDecide(LogPosition at, Entry.Decide entry, @Nullable ActiveTransaction held) {
        if (isVoid(at, entry.term(), held)) {
            return false;
        }
        long epoch = preparedTransactions.decide(at, entry);
        LedgerRow row = new LedgerRow(at.term(), at.index(), entry.session(), entry.number(), entry.outcome());
        boolean isNow = epoch == epochs.epoch();
        if (isNow) {
            commit(row, entry.changes(), held);
            raiseOutboxMarks(entry.changes());
        } else {
            storage().answer(row);
            boolean isHeld = preparedTransactions.awaitEpoch(at, entry, epoch, held);
            if (!isHeld) {
                holdAgain();
            }
        }
        recovery.arm();
        return isNow;
    }

    /** A weak write whose table has changed shards is carried out by a transaction like any other, which has the mark. */
    private void raiseOutboxMarks(byte[] changes) {
        if (options.shards() > 1 && Storage.changesOutboxMarks(changes)) {
            try {
                storage().outboxMarks().forEach(outboxMarks::raise);
            } catch (SQLException e) {
                throw new IllegalStateException("can't read the engine's own tables of " + nodeName(), e);
            }
        }
    }

    /** An epoch ends, unless something in its way came in front of the entry: then its proposer looks again. */
    private void applyClose(LogPosition at, Entry.Close close) {
        if (close.epoch() > epochs.epoch() && preparedTransactions.lets(close)) {
            preparedTransactions.raiseVotes(close.later());
            cutPins.begin(close.epoch(), at.index());
        }
        endOfCutEntry(at);
        closing.applied();
    }

    private void endOfCutEntry(LogPosition at) {
        storage().advance(at.term(), at.index());
        listener.released(this, epochs.released());
    }

    /** What is prepared here has not all its locks, where this leads: nobody else may have them. */
    private void holdAgain() {
        if (activeTransactions.term() != 0) {
            hold("it stood in the way of a transaction over shards", () -> {});
        }
    }

    /**
     * Lets go of everything for {@code work}; what is prepared gets its locks back before anybody else gets any. Nobody else
     * does before all is applied that was on its way to the log ({@link ActiveTransactions}).
     */
    private void hold(String why, Runnable work) {
        long term = activeTransactions.term();
        activeTransactions.pause();
        try {
            activeTransactions.rollBack(open -> true, why);
            work.run();
            if (term != 0) {
                preparedTransactions.hold(term);
            }
        } finally {
            activeTransactions.resume();
        }
    }

    /** False when it was void or done already: then the entry has no row in the ledger. */
    private boolean applyDefinition(LogPosition at, Entry.Define define, @Nullable ActiveSchemaChange held) {
        if (isVoid(at, define.term(), held)) {
            return false;
        }
        if (SchemaChange.isOfEarlierTurn(define.settings(), settings)) {
            rollBack(at, held, "another schema change has had its turn meanwhile");
            return false;
        }
        if (storage().hasAnswered(define.session(), define.number())) {
            // begun again by whoever finishes another's schema change, while the first try was still on its way
            rollBack(at, held, "the schema change is done already");
            return false;
        }
        LedgerRow row = new LedgerRow(at.term(), at.index(), define.session(), define.number(), new byte[0]);
        SchemaChange definition = new SchemaChange(define.schema(), define.sql(), define.settings());
        boolean isForReaders = definition.concernsReaders();
        if (isForReaders) {
            closeGateForDefinition();
        }
        try {
            SchemaChangeResult result = define(row, definition, held == null ? null : held.take());
            if (held != null) {
                held.finish(outcome(result));
            }
            // before anybody reads: a statement that was planned for the settings of before must notice
            publishCatalog(at.index());
        } finally {
            if (isForReaders) {
                gate.open();
            }
            if (held != null) {
                activeTransactions.end(held);
                held.end();
            }
        }
        return true;
    }

    /**
     * @param holder has the locks; null where nobody does
     */
    private SchemaChangeResult define(LedgerRow row, SchemaChange definition, @Nullable Definer holder) {
        try {
            return holder != null
                    ? holder.define(row, definition, Replica::encode)
                    : storage().define(row, definition, Replica::encode);
        } catch (SchemaChangeBlockedException e) {
            // held work of this same term may stand in the way when this replica leads but no longer holds the
            // definition's locks, or when it moves rows that somebody has locked without their table; nothing else can
            LOG.warn("{}: schema change was blocked, rolling back open transactions", nodeName(), e);
            AtomicReference<SchemaChangeResult> result = new AtomicReference<>();
            hold(
                    "a schema change could wait no longer",
                    () -> result.set(storage().define(row, definition, Replica::encode)));
            return Objects.requireNonNull(result.get());
        }
    }

    /** Queries and pinned snapshots get a grace, then they are ended with 40001: apply must go on. */
    private void closeGateForDefinition() {
        Deadline grace = Deadline.in(options.definitionGrace());
        try {
            // a pinned snapshot can only come to its end while the gate is open; under load there is always another
            Map<Reader, Long> pinned = new HashMap<>();
            readers.stream().filter(Reader::isPinned).forEach(reader -> pinned.put(reader, reader.pins()));
            while (pinned.entrySet().stream()
                            .anyMatch(pin ->
                                    pin.getKey().isPinned() && pin.getKey().pins() == pin.getValue())
                    && !grace.isPast()) {
                LockSupport.parkNanos(1_000_000);
            }
            gate.close();
            if (!gate.awaitEmpty(grace, this::discardedReaders)) {
                endReaders();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a schema change waited for queries", e);
        }
        readers.stream().filter(Reader::isPinned).forEach(Reader::evict);
    }

    /**
     * Storage looks for a cancel between two rows only, and never in the middle of a regular expression: what has not ended
     * after another grace is left to run beside the schema change, and its result is discarded.
     */
    private void endReaders() throws InterruptedException {
        Deadline grace = Deadline.in(options.definitionGrace());
        do {
            readers.forEach(Reader::evict);
            if (grace.isPast()) {
                readers.forEach(Reader::discard);
            }
        } while (!gate.awaitEmpty(Deadline.in(EVICT_AGAIN), this::discardedReaders));
    }

    private int discardedReaders() {
        return (int) readers.stream().filter(Reader::isDiscarded).count();
    }

    private void applyCheck(Entry.Check check) {
        Pin pin;
        try {
            pin = storage().pin();
        } catch (SQLException e) {
            // too many checks at a time: no reason to stop a replica
            LOG.warn("{}: check {} can't be carried out here", nodeName(), check.id(), e);
            checks.failed(check.id(), e);
            return;
        }
        Map<String, String> objects = storage().schemaObjects(check.schema(), check.table());
        checks.start(check, pin, objects, listener.executor());
    }

    static Outcome outcome(SchemaChangeResult result) {
        return result.ok()
                ? Outcome.count(result.updateCount())
                : Outcome.failed(new Outcome.Failure(result.sqlState(), result.errorCode(), result.message()));
    }

    private static byte[] encode(SchemaChangeResult result) {
        return outcome(result).encode();
    }

    private void publishCatalog(long atIndex) {
        try {
            Map<String, String> catalog = storage().catalog();
            settings = Map.copyOf(catalog);
            listener.catalogChanged(this, atIndex, catalog);
        } catch (SQLException e) {
            throw new IllegalStateException("can't read the catalog of " + nodeName(), e);
        }
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
        gate.close();
        try {
            awaitReadersGone();
            boolean allEnded = activeTransactions.rollBackAll("the replica was rebuilt from a snapshot", STRAGGLERS);
            LOG.debug("{}: all statements have ended: {}", nodeName(), allEnded);
            Storage old = storage;
            SnapshotKeeper.Restored restored = snapshots.restore(directory);
            storage = restored.storage();
            last = restored.at();
            bytesSinceSnapshot = 0;
            outboxMarks.reset(storage().outboxMarks());
            preparedTransactions.restore();
            epochs.restore();
            cutPins.fail("the replica was rebuilt from a snapshot");
            listener.released(this, epochs.released());
            index.jump(restored.at().index());
            if (old != null) {
                old.close();
            }
            publishCatalog(restored.at().index());
            return restored.at();
        } catch (SQLException e) {
            throw new IllegalStateException("can't read the engine's own tables of " + nodeName(), e);
        } finally {
            gate.open();
        }
    }

    private void awaitReadersGone() {
        try {
            if (!gate.awaitEmpty(Deadline.in(options.definitionGrace()))) {
                readers.forEach(Reader::evict);
                gate.awaitEmpty(Deadline.in(options.definitionGrace()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public @Nullable SnapshotFile latestSnapshot() {
        return snapshots.latest();
    }

    /** One that failed is tried again before the log has grown as much again: until then nothing can be purged. */
    private boolean isSnapshotDue() {
        long due = snapshotDueNanos;
        return due != 0 && System.nanoTime() - due > 0;
    }

    /** On the apply thread, between two entries: pins the state now, streams it to a file in the background. */
    private void startSnapshot() {
        if (!snapshotRunning.compareAndSet(false, true)) {
            return;
        }
        bytesSinceSnapshot = 0;
        LogPosition at = last;
        Pin pin;
        try {
            pin = Stacks.deep(storage()::pin);
        } catch (SQLException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            snapshots.failed(at, e);
            snapshotRunning.set(false);
            return;
        }
        listener.executor().execute(() -> {
            try (pin) {
                write(pin, at);
                ShardLog current = log;
                if (current != null && !stopped) {
                    current.snapshotCompleted();
                }
            } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
                snapshots.discard();
                snapshotDueNanos = System.nanoTime() + SNAPSHOT_AGAIN_NANOS;
                if (!stopped) {
                    snapshots.failed(at, e);
                }
            } finally {
                snapshotRunning.set(false);
            }
        });
    }

    /** Why the log has grown without a snapshot, or null. */
    public @Nullable String snapshotError() {
        return snapshots.error();
    }

    /** The schema's text is made from H2's expressions, as deep as they are. */
    private void write(Pin pin, LogPosition at) throws IOException {
        Stacks.<Boolean, IOException>deep(() -> {
            snapshots.write(pin, at);
            return true;
        });
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
            try (Pin pin = Stacks.deep(current::pin)) {
                write(pin, last);
            } catch (IOException | SQLException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
                snapshots.failed(last, e);
            }
        }
        current.close();
    }
}
