package io.tunabledb.engine.ratis.statemachine;

import io.tunabledb.engine.log.LogFailedException;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ratis's state machine, which drives ours. Ratis calls apply, {@link #notifyTermIndexUpdated}, {@link
 * #notifyLeaderReady} and {@link #reinitialize} on the one thread that applies a division's log, which is what {@link
 * ReplicaStateMachine} promises its implementer.
 */
public final class DrivenStateMachine extends BaseStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(DrivenStateMachine.class);

    /** What Ratis is told of every entry; who proposed it hears from its {@link Proposal}. */
    private static final CompletableFuture<Message> DONE = CompletableFuture.completedFuture(Message.EMPTY);

    private final ReplicaStateMachine replica;
    private final Proposals proposals;
    private final Leadership leadership;
    private final Snapshots snapshots = new Snapshots();
    private final LongSupplier currentTerm;
    private @Nullable Path directory;
    private long appliedTerm;
    /** The term of the configuration entry applied last; a leader's first entry in its term is one. */
    private long configuredTerm;

    private final Consumer<RaftServer.Division> onStart;
    private final Runnable stopDivision;
    private final AtomicBoolean failed = new AtomicBoolean();
    private volatile boolean closing;

    public DrivenStateMachine(
            ReplicaStateMachine replica,
            Proposals proposals,
            Leadership leadership,
            LongSupplier currentTerm,
            Consumer<RaftServer.Division> onStart,
            Runnable stopDivision) {
        this.replica = replica;
        this.proposals = proposals;
        this.leadership = leadership;
        this.currentTerm = currentTerm;
        this.onStart = onStart;
        this.stopDivision = stopDivision;
    }

    /** Where the log's files are. */
    public Path segments() {
        return Objects.requireNonNull(directory, "not initialized").resolveSibling("current");
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage) throws IOException {
        super.initialize(server, group, storage);
        onStart.accept(server.getDivision(group));
        directory = storage.getStorageDir().getStateMachineDir().toPath();
        getLifeCycle().startAndTransition(this::restore, IOException.class);
    }

    /** A snapshot is about to be put in place; {@link #reinitialize} follows, after the entry being applied. */
    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        getLifeCycle().transition(LifeCycle.State.STARTING);
        proposals.end("this replica was overwritten by a snapshot");
        try {
            // Ratis has put the file there without syncing it, and has purged the log it replaces
            snapshots.sync();
            restore();
            if (snapshots.getLatestSnapshot() == null) {
                throw new IOException("the snapshot the leader sent can't be restored");
            }
        } catch (IOException | RuntimeException broken) {
            failed(broken);
            throw broken;
        }
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    private void restore() throws IOException {
        Path from = Objects.requireNonNull(directory);
        Files.createDirectories(from);
        snapshots.directory(from);
        LogPosition at = replica.restore(from);
        LogStart.require(at, from.resolveSibling("current"));
        snapshots.restored(at);
        appliedTerm = at.term();
        setLastAppliedTermIndex(Positions.toRatis(at));
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots;
    }

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        return TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .setStateMachineContext(proposals.find(request.getCallId()))
                .build();
    }

    /** Called under the log's lock, right before the entry is put in it. */
    @Override
    public TransactionContext preAppendTransaction(TransactionContext transaction) {
        if (transaction.getStateMachineContext() instanceof Proposal proposal) {
            proposal.logged(currentTerm.getAsLong());
        }
        return transaction;
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto logged = transaction.getLogEntry();
        LogPosition at = Positions.ofRatis(logged.getTerm(), logged.getIndex());
        reach(at.term());
        Proposal own = proposals.take(logged.getStateMachineLogEntry());
        drive(() -> {
            if (own == null) {
                replica.apply(at, logged.getStateMachineLogEntry().getLogData().toByteArray(), null);
            } else {
                replica.apply(at, own.entry, own.held);
            }
        });
        if (failed.get()) {
            if (own != null) {
                own.fail("the entry was not applied: this replica failed", null);
            }
            return DONE;
        }
        updateLastAppliedTermIndex(logged.getTerm(), logged.getIndex());
        if (own != null) {
            own.outcome.complete(at);
        }
        return DONE;
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        reach(term);
        drive(() -> replica.advanced(Positions.ofRatis(term, index)));
        if (!failed.get()) {
            updateLastAppliedTermIndex(term, index);
        }
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        configuredTerm = term;
    }

    /**
     * This leader's first entry is being applied. Its term is the one that is ready: by now this replica may have lost
     * that one and won another, whose first entry is still to come, and must not be let in before it.
     */
    @Override
    public void notifyLeaderReady() {
        drive(() -> leadership.acquire(configuredTerm));
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        leadership.lose();
    }

    private void reach(long term) {
        if (term > appliedTerm) {
            appliedTerm = term;
            proposals.reachedTerm(term);
        }
    }

    /**
     * Drives our state machine one step. What it throws is a broken invariant: nothing more is applied, and the division
     * is stopped. It is not thrown at Ratis, whose applying thread would spin if the division was being closed already.
     */
    private void drive(Runnable step) {
        if (failed.get()) {
            return;
        }
        try {
            step.run();
        } catch (Throwable broken) {
            broken(broken);
        }
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
        if (closing) {
            // its writer was woken to end while it wrote: what it did not write nobody was told that it has, as in a
            // crash
            LOG.debug("the log's last write was cut short", cause);
            return;
        }
        failed(new LogFailedException("its log can't be written: " + cause.getMessage(), cause));
        stopDivision.run();
    }

    /** Ratis has stopped this division; nothing is applied any more. */
    @Override
    public void close() {
        if (!closing) {
            failed(new LogFailedException(
                    "Ratis stopped this replica, see its log",
                    new IllegalStateException("as for a vote that could not be written down")));
        }
        proposals.end("this replica is closed");
    }

    /** From any thread: what it drives is gone. */
    public void broken(Throwable cause) {
        try {
            failed(cause);
        } finally {
            stopDivision.run();
        }
    }

    /** Announces that the division is about to be closed on purpose. */
    public void closing() {
        closing = true;
    }

    private void failed(Throwable cause) {
        if (failed.compareAndSet(false, true)) {
            // where memory has ended, each step may throw for want of some
            try {
                leadership.lose();
                proposals.end("this replica failed");
            } finally {
                replica.failed(cause);
            }
        }
    }
}
