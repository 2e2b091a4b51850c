package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.shard.apply.LogApply;
import io.tunabledb.engine.shard.snapshot.SnapshotKeeper;
import io.tunabledb.engine.shard.twophase.Leadership;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log drives on one replica: entries go to {@link LogApply}, a change of leaders to {@link Leadership}, and a
 * snapshot that comes instead of entries replaces the tables and all that mirrors them.
 */
final class StateMachine implements ReplicaStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(StateMachine.class);

    private final ReplicaParts parts;
    private final LongConsumer released;

    /**
     * @param released is told that every cut up to a number is complete or given up
     */
    StateMachine(ReplicaParts parts, LongConsumer released) {
        this.parts = parts;
        this.released = released;
    }

    @Override
    public @Nullable CompletableFuture<@Nullable Void> fates() {
        return parts.leadership.fates();
    }

    @Override
    public void refused(Object held) {
        parts.leadership.refused(held);
    }

    @Override
    public void apply(LogPosition at, byte[] bytes, @Nullable Object held) {
        parts.log.apply(at, bytes, held);
    }

    @Override
    public void advanced(LogPosition at) {
        parts.log.advanced(at);
    }

    @Override
    public void leadershipAcquired(long term) {
        parts.leadership.acquired(term);
    }

    @Override
    public void leadershipLost() {
        parts.leadership.lost();
    }

    @Override
    public LogPosition restore(Path directory) throws IOException {
        return Stacks.deep(() -> restoreFrom(directory));
    }

    private LogPosition restoreFrom(Path directory) throws IOException {
        parts.readers.closeForRestore();
        try {
            boolean allEnded = parts.activeTransactions.rollBackAll(
                    "the replica was rebuilt from a snapshot", ReplicaParts.STRAGGLERS);
            LOG.debug("{}: all statements have ended: {}", parts.id.nodeName(), allEnded);
            SnapshotKeeper.Restored restored = parts.snapshots.restore(directory);
            Storage old = parts.storage.replace(restored.storage());
            readAnew(restored.storage(), restored.at().index());
            if (old != null) {
                old.close();
            }
            parts.catalog.publish(restored.at().index());
            return restored.at();
        } catch (SQLException e) {
            throw new IllegalStateException("can't read the engine's own tables of " + parts.id.nodeName(), e);
        } finally {
            parts.readers.open();
        }
    }

    /** What is kept beside the tables is what these tables say. */
    private void readAnew(Storage restored, long index) throws SQLException {
        parts.outboxMarks.reset(restored.own().outboxMarks());
        parts.twoPhase.prepared().restore();
        parts.epochs.restore();
        parts.cutPins.fail("the replica was rebuilt from a snapshot");
        released.accept(parts.epochs.released());
        parts.freshness.index().jump(index);
    }

    @Override
    public @Nullable SnapshotFile latestSnapshot() {
        return parts.snapshots.latest();
    }

    @Override
    public void failed(Throwable cause) {
        // first, and without anything made: where memory has ended, every thread that looks must see it
        parts.life.failed(cause);
        LOG.error("{}: shard {} stopped on this node", parts.id.nodeName(), parts.id.shard(), cause);
        parts.freshness.end();
        parts.cutPins.fail("the replica stopped");
    }
}
