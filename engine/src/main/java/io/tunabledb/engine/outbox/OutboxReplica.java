package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an outbox's log drives: the writes that are pending, and snapshots of them so that the log can be purged. */
final class OutboxReplica implements ReplicaStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxReplica.class);
    private static final long SNAPSHOT_AFTER_BYTES = 8 << 20;

    private final String label;
    private final PendingWrites pending = new PendingWrites();
    private final OutboxSnapshots snapshots;
    private final Executor executor;
    private final AtomicBoolean snapshotRunning = new AtomicBoolean();
    private volatile @Nullable ShardLog log;
    private volatile @Nullable Throwable failure;
    private LogPosition last = LogPosition.ZERO;
    private long bytesSinceSnapshot;

    OutboxReplica(String label, boolean durable, Executor executor) {
        this.label = label;
        this.snapshots = new OutboxSnapshots(durable);
        this.executor = executor;
    }

    void attach(ShardLog opened) {
        log = opened;
    }

    PendingWrites pending() {
        return pending;
    }

    /** Why it stopped for good, or null. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    @Override
    public void apply(LogPosition at, byte[] bytes, @Nullable Object held) {
        LogRecord entry = LogRecord.decode(bytes);
        if (entry instanceof LogRecord.Accept accept) {
            long first = pending.accept(accept.entries());
            if (held instanceof Appender.Group group) {
                group.numberedFrom(first);
            }
        } else if (entry instanceof LogRecord.Forwarded forwarded) {
            pending.forwarded(forwarded.shard(), forwarded.upTo(), forwarded.rejected());
        } else {
            pending.begin(((LogRecord.Begin) entry).incarnation());
        }
        last = at;
        bytesSinceSnapshot += bytes.length;
        // a snapshot holds what is pending: while that is much, a log of twice its size is the lesser evil
        if (bytesSinceSnapshot
                > Math.max(SNAPSHOT_AFTER_BYTES, 2 * pending.counts().bytes())) {
            startSnapshot();
        }
    }

    @Override
    public void advanced(LogPosition at) {
        last = at;
    }

    private void startSnapshot() {
        ShardLog current = log;
        if (current == null || !snapshotRunning.compareAndSet(false, true)) {
            return;
        }
        bytesSinceSnapshot = 0;
        LogPosition at = last;
        byte[] state = pending.encode();
        executor.execute(() -> {
            try {
                snapshots.write(state, at);
                current.snapshotCompleted();
            } catch (IOException | RuntimeException e) {
                LOG.error("{}: snapshot at {} failed; the log is kept", label, at, e);
            } finally {
                snapshotRunning.set(false);
            }
        });
    }

    @Override
    public void leadershipAcquired(long term) {
        LOG.debug("{} is open in term {}", label, term);
    }

    @Override
    public void leadershipLost() {
        LOG.debug("{} takes no writes", label);
    }

    @Override
    public LogPosition restore(Path directory) throws IOException {
        OutboxSnapshots.Restored restored = snapshots.restore(directory);
        pending.restore(restored.state());
        last = restored.at();
        return restored.at();
    }

    @Override
    public @Nullable SnapshotFile latestSnapshot() {
        return snapshots.latest();
    }

    @Override
    public void failed(Throwable cause) {
        LOG.error("{} stopped: this node accepts no weak writes any more", label, cause);
        failure = cause;
    }
}
