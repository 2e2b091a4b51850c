package io.tunabledb.engine.shard.life;

import io.tunabledb.engine.clock.Repeating;
import io.tunabledb.engine.log.MemoryEndedException;
import io.tunabledb.engine.log.ShardLog;
import java.util.concurrent.ScheduledFuture;

/**
 * Looks again and again whether a replica's storage is still open. H2 closes a database by itself when memory ends in the
 * middle of a statement; nothing is applied then, so nothing else would notice, and a leader would go on leading without one.
 */
public final class StorageWatch {
    private static final long PAUSE_MILLIS = 100;

    private final CurrentStorage storage;
    private final Lifecycle life;
    private final Workers workers;
    private final ScheduledFuture<?> looking;

    public StorageWatch(CurrentStorage storage, Lifecycle life, Workers workers) {
        this.storage = storage;
        this.life = life;
        this.workers = workers;
        this.looking = Repeating.on(workers.timer(), PAUSE_MILLIS, this::look);
    }

    /** One that is to be closed is not watched any more. */
    public void stop() {
        looking.cancel(false);
    }

    private void look() {
        // one that a snapshot replaces is closed after it is replaced
        if (storage.isShut() && !life.isStopped()) {
            failed(life.log());
        } else if (life.isStopped()) {
            stop();
        }
    }

    /** Off the timer's thread: stopping takes its time. */
    private void failed(ShardLog log) {
        workers.executor()
                .execute(() -> log.fail(new MemoryEndedException("H2 has closed the database of "
                        + life.id().nodeName() + ", as it does when memory ends in the middle of a statement")));
    }
}
