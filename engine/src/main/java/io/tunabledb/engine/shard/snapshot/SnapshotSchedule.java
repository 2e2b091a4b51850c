package io.tunabledb.engine.shard.snapshot;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.h2.snapshot.Pin;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ReplicaStateMachine.SnapshotFile;
import io.tunabledb.engine.shard.life.CurrentStorage;
import io.tunabledb.engine.shard.life.Lifecycle;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * When a replica's state is written to a file: each time its log has grown by so much, and soon again after a failure. The
 * state is pinned on the log's thread, between two entries, and written in the background, one file at a time.
 */
public final class SnapshotSchedule {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final CurrentStorage storage;
    private final Lifecycle life;
    private final SnapshotKeeper files;
    private final long everyBytes;
    private final Executor executor;
    private final AtomicBoolean running = new AtomicBoolean();
    /** When a snapshot that failed is tried again; 0 for never. */
    private volatile long dueNanos;

    // of the log's thread
    private LogPosition last = LogPosition.ZERO;
    private long bytesSince;

    public SnapshotSchedule(
            CurrentStorage storage, Lifecycle life, SnapshotKeeper files, long everyBytes, Executor executor) {
        this.storage = storage;
        this.life = life;
        this.files = files;
        this.everyBytes = everyBytes;
        this.executor = executor;
    }

    /** Everything up to here is applied; no bytes of it count. */
    public void advanced(LogPosition at) {
        last = at;
    }

    /** An entry is applied. */
    public void applied(int bytes) {
        bytesSince += bytes;
        if (bytesSince > everyBytes || isDue()) {
            start();
        }
    }

    /** One that failed is tried again before the log has grown as much again: until then nothing can be purged. */
    private boolean isDue() {
        long due = dueNanos;
        return due != 0 && System.nanoTime() - due > 0;
    }

    private void start() {
        if (!running.compareAndSet(false, true)) {
            return;
        }
        bytesSince = 0;
        LogPosition at = last;
        Pin pin;
        try {
            pin = Stacks.deep(storage.get()::pin);
        } catch (SQLException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            files.failed(at, e);
            running.set(false);
            return;
        }
        executor.execute(() -> {
            try (pin) {
                write(pin, at);
                life.snapshotCompleted();
            } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
                files.discard();
                dueNanos = System.nanoTime() + AGAIN_NANOS;
                if (!life.isStopped()) {
                    files.failed(at, e);
                }
            } finally {
                running.set(false);
            }
        });
    }

    /** The schema's text is made from H2's expressions, as deep as they are. */
    private void write(Pin pin, LogPosition at) throws IOException {
        Stacks.<Boolean, IOException>deep(() -> {
            files.write(pin, at);
            return true;
        });
    }

    /** The last one, when nothing is applied any more. */
    public void writeLast(Storage tables) {
        try (Pin pin = Stacks.deep(tables::pin)) {
            write(pin, last);
        } catch (IOException | SQLException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            files.failed(last, e);
        }
    }

    /** The newest that can be read; what is applied counts from there. */
    public SnapshotKeeper.Restored restore(Path directory) throws IOException {
        SnapshotKeeper.Restored restored = files.restore(directory);
        last = restored.at();
        bytesSince = 0;
        return restored;
    }

    @Nullable
    public SnapshotFile latest() {
        return files.latest();
    }

    /** Why the log has grown without a snapshot, or null. */
    @Nullable
    public String error() {
        return files.error();
    }
}
