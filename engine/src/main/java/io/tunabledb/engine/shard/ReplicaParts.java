package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.shard.apply.Applier;
import io.tunabledb.engine.shard.apply.CutHandler;
import io.tunabledb.engine.shard.apply.DefinitionHandler;
import io.tunabledb.engine.shard.apply.EntryRows;
import io.tunabledb.engine.shard.apply.LockPause;
import io.tunabledb.engine.shard.apply.LogApply;
import io.tunabledb.engine.shard.apply.ReplicaCatalog;
import io.tunabledb.engine.shard.apply.TransactionHandler;
import io.tunabledb.engine.shard.check.CheckResults;
import io.tunabledb.engine.shard.cut.CutPins;
import io.tunabledb.engine.shard.cut.Epochs;
import io.tunabledb.engine.shard.fresh.Freshness;
import io.tunabledb.engine.shard.fresh.OutboxMarks;
import io.tunabledb.engine.shard.held.ActiveTransactions;
import io.tunabledb.engine.shard.held.DefinedTables;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.life.Lifecycle;
import io.tunabledb.engine.shard.life.ReplicaId;
import io.tunabledb.engine.shard.life.StorageWatch;
import io.tunabledb.engine.shard.life.Workers;
import io.tunabledb.engine.shard.snapshot.SnapshotKeeper;
import io.tunabledb.engine.shard.snapshot.SnapshotSchedule;
import io.tunabledb.engine.shard.twophase.EpochCloser;
import io.tunabledb.engine.shard.twophase.Leadership;
import io.tunabledb.engine.shard.twophase.PreparedTransactions;
import io.tunabledb.engine.shard.twophase.Recovery;
import io.tunabledb.engine.shard.twophase.TwoPhase;
import io.tunabledb.engine.shard.validation.Validation;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one replica consists of, put together: the parts know each other, and none of them knows the replica. */
final class ReplicaParts {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaParts.class);
    /** A storage that is closed is in no thread's way: what has not ended by then ends with it. */
    static final Duration STRAGGLERS = Duration.ofSeconds(10);

    final ReplicaId id;
    final ReplicaOptions options;
    final Workers workers;
    final CurrentStorage storage;
    final Lifecycle life;
    final Freshness freshness;
    final OutboxMarks outboxMarks = new OutboxMarks();
    final ReaderGate readers;
    final ActiveTransactions activeTransactions;
    final Validation validation;
    final DefinedTables defined = new DefinedTables();
    final Epochs epochs;
    final CutPins cutPins;
    final TwoPhase twoPhase;
    final Leadership leadership;
    final SnapshotSchedule snapshots;
    final ReplicaCatalog catalog;
    final CheckResults checks = new CheckResults();
    final LogApply log;
    final StorageWatch watch;

    /**
     * @param told hears of the replica in the node's listener's place
     */
    ReplicaParts(ReplicaId id, ReplicaOptions options, Told told, Workers workers) {
        this.id = id;
        this.options = options;
        this.workers = workers;
        storage = new CurrentStorage(id);
        life = new Lifecycle(storage);
        freshness = new Freshness(life, workers.timer());
        readers = new ReaderGate(options.definitionGrace());
        activeTransactions = new ActiveTransactions(workers.executor());
        validation = new Validation(activeTransactions::oldestRead);
        epochs = new Epochs(storage);
        catalog = new ReplicaCatalog(storage, told::catalogChanged);
        cutPins = new CutPins(epochs, catalog::settings);
        twoPhase = twoPhase(told.listener());
        leadership = new Leadership(life, activeTransactions, twoPhase, workers);
        snapshots = snapshots(told.listener());
        log = new LogApply(storage, freshness.index(), activeTransactions, applier(told), snapshots, told);
        watch = new StorageWatch(storage, life, workers);
    }

    private TwoPhase twoPhase(ReplicaListener listener) {
        PreparedTransactions prepared =
                new PreparedTransactions(id.shard(), storage, epochs, activeTransactions, validation);
        EpochCloser closer = new EpochCloser(life, epochs, activeTransactions, prepared, listener.decisions(), workers);
        Recovery recovery = new Recovery(life, activeTransactions, prepared, closer, listener.decisions(), workers);
        return new TwoPhase(prepared, closer, recovery);
    }

    private SnapshotSchedule snapshots(ReplicaListener listener) {
        SnapshotKeeper files = new SnapshotKeeper(
                id.nodeName() + "/shard" + id.shard(),
                options.syncSnapshots(),
                new SnapshotKeeper.Content(options.database(), listener.systemSchema(), options.shard(id.shard())));
        return new SnapshotSchedule(storage, life, files, options.snapshotAfterBytes(), workers.executor());
    }

    private Applier applier(Told told) {
        EntryRows rows = new EntryRows(storage, options.shards() > 1, activeTransactions, outboxMarks);
        LockPause locks = new LockPause(activeTransactions, twoPhase.prepared());
        return new Applier(
                storage,
                new TransactionHandler(storage, rows, epochs, twoPhase, locks, catalog),
                new DefinitionHandler(storage, rows, activeTransactions, locks, readers, catalog),
                new CutHandler(storage, epochs, cutPins, twoPhase, told::released),
                checks,
                workers.executor());
    }

    /** Stops them in their order: what waits is told, then what holds locks ends, and the tables last. Idempotent. */
    void close(boolean keepState) {
        if (!life.close()) {
            return;
        }
        freshness.end();
        watch.stop();
        leadership.stop();
        cutPins.fail("the node was stopped");
        if (!activeTransactions.rollBackAll("the node was stopped", STRAGGLERS)) {
            LOG.warn("{}: a statement outlives its cancellation; it ends with its storage", id.nodeName());
        }
        Storage current = storage.orNull();
        if (current == null) {
            return;
        }
        if (keepState && life.failure() == null) {
            snapshots.writeLast(current);
        }
        current.close();
    }

    /**
     * The node's listener, told of this replica.
     *
     * @param replica whom it is told of
     */
    record Told(Replica replica, ReplicaListener listener) implements LogApply.Told {
        void catalogChanged(long index, Map<String, String> settings) {
            listener.catalogChanged(replica, index, settings);
        }

        void released(long cut) {
            listener.released(replica, cut);
        }

        @Override
        public @Nullable String leftOut(int shard, long index) {
            return listener.leftOut(shard, index);
        }

        @Override
        public void applied(long index) {
            listener.applied(replica, index);
        }
    }
}
