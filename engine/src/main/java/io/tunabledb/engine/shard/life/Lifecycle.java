package io.tunabledb.engine.shard.life;

import io.tunabledb.engine.log.LogFailedException;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A replica's life: the log that drives it, whether it runs, and why it stopped. Any thread. */
public final class Lifecycle {
    private static final LogStatus STOPPED = new LogStatus(false, false, 0, 0, 0, 0);

    private final CurrentStorage storage;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable ShardLog log;
    private volatile @Nullable Throwable failure;
    private volatile boolean stopped;

    public Lifecycle(CurrentStorage storage) {
        this.storage = storage;
    }

    /** Whose life it is. */
    public ReplicaId id() {
        return storage.id();
    }

    /** Gives the replica its handle on the log, once that runs. */
    public void attach(ShardLog shardLog) {
        log = shardLog;
    }

    /** The log, once it runs. */
    public ShardLog log() {
        return Objects.requireNonNull(log, "replica not started");
    }

    /** What this replica believes of its shard. */
    public LogStatus status() {
        ShardLog current = log;
        return current == null || stopped ? STOPPED : current.status();
    }

    /** A majority-confirmed index covering everything committed before this call; null when there is no leader to ask now. */
    public @Nullable CompletableFuture<Long> askLeader() {
        LogStatus now = status();
        return now.leading() || now.leader() != 0 ? log().readIndex() : null;
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

    /** Ends a log that can't be written. */
    public void endLog(IOException cause) {
        log().fail(new LogFailedException("its log can't be written: " + cause.getMessage(), cause));
    }

    /** There is a newer snapshot: the log may be purged up to it. */
    public void snapshotCompleted() {
        ShardLog current = log;
        if (current != null && !stopped) {
            current.snapshotCompleted();
        }
    }

    /** It has stopped for good. Makes no object: where memory has ended, every thread that looks must see it. */
    public void failed(Throwable cause) {
        failure = cause;
        stopped = true;
    }

    /** It is stopped on purpose, whatever it did before; false when it has been already. */
    public boolean close() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        stopped = true;
        return true;
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return log != null && !stopped && !storage.isShut();
    }

    /** Whether nothing is applied any more, for good. */
    public boolean isStopped() {
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
}
