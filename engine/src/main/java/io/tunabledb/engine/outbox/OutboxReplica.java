package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an outbox's log drives: the writes that are pending, and snapshots of them so that the log can be purged. */
final class OutboxReplica implements ReplicaStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxReplica.class);
    /** The log's own bytes around a record: most records are far smaller. */
    private static final long RECORD_OVERHEAD_BYTES = 100;
    /** Two snapshots and the log since the older one are kept. */
    private static final long SNAPSHOT_AFTER_BYTES = 2 << 20;

    private final String label;
    private final PendingWrites pending = new PendingWrites();
    private final OutboxSnapshots snapshots;
    private final Executor executor;
    private final AtomicBoolean snapshotRunning = new AtomicBoolean();
    private volatile @Nullable ShardLog log;
    private volatile @Nullable Throwable failure;
    private volatile Runnable onFailure = () -> {};
    private LogPosition last = LogPosition.ZERO;
    private long bytesSinceSnapshot;

    OutboxReplica(String label, boolean durable, Executor executor) {
        this.label = label;
        this.snapshots = new OutboxSnapshots(durable);
        this.executor = executor;
    }

    /**
     * @param whenFailed told when it stopped for good
     */
    void attach(ShardLog opened, Runnable whenFailed) {
        log = opened;
        onFailure = whenFailed;
    }

    /** What can't be read any more of what the log held; null when nothing is missing. */
    @Nullable
    String lostText() {
        List<PendingWrites.Range> lost = pending.lost();
        return lost.isEmpty()
                ? null
                : "a part of its log was damaged and can't be read: acknowledged writes with numbers "
                        + lost.stream().map(PendingWrites.Range::toString).collect(Collectors.joining(", "))
                        + " are lost, but for those that were carried out before; all others are kept, and the damaged "
                        + "file is in folder \"damaged\" beside the log";
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
            long first = pending.accept(accept);
            if (held instanceof Appender.Group group) {
                group.numberedFrom(first);
            }
        } else if (entry instanceof LogRecord.Forwarded forwarded) {
            pending.forwarded(forwarded.shard(), forwarded.upTo(), forwarded.rejected());
        } else if (entry instanceof LogRecord.Lost) {
            pending.lostRecord();
        } else if (entry instanceof LogRecord.Skip skip) {
            pending.skip(skip.upTo());
        } else {
            pending.begin(((LogRecord.Begin) entry).incarnation());
        }
        last = at;
        bytesSinceSnapshot += bytes.length + RECORD_OVERHEAD_BYTES;
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
        LOG.error("{} stopped; it is opened again", label, cause);
        failure = cause;
        onFailure.run();
    }
}
