package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Repeating;
import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.log.MemoryEndedException;
import io.tunabledb.engine.log.ShardLog;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;

/**
 * Looks again and again whether a replica's storage is still open. H2 closes a database by itself when memory ends in the
 * middle of a statement; nothing is applied then, so nobody else would notice, and a leader would go on leading without one.
 */
final class StorageWatch {
    private static final long PAUSE_MILLIS = 100;

    private final Replica replica;
    private final ScheduledFuture<?> looking;

    StorageWatch(Replica replica, ScheduledExecutorService scheduler) {
        this.replica = replica;
        this.looking = Repeating.on(scheduler, PAUSE_MILLIS, this::look);
    }

    /** One that is to be closed is not watched any more. */
    void stop() {
        looking.cancel(false);
    }

    private void look() {
        Storage storage = replica.storageIfAny();
        // one that a snapshot replaces is closed after it is replaced
        if (storage != null && storage.isShut() && !replica.isStopped()) {
            failed(replica.requireLog());
        } else if (replica.isStopped()) {
            stop();
        }
    }

    /** Off the timer's thread: stopping takes its time. */
    private void failed(ShardLog log) {
        replica.execute(() -> log.fail(new MemoryEndedException("H2 has closed the database of " + replica.nodeName()
                + ", as it does when memory ends in the middle of a statement")));
    }
}
