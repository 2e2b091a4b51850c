package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.log.ShardLog;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again whether a replica's storage is still open. H2 closes a database by itself when memory ends in the
 * middle of a statement; nothing is applied then, so nobody else would notice, and a leader would go on leading without one.
 */
final class StorageWatch {
    private static final Logger LOG = LoggerFactory.getLogger(StorageWatch.class);
    private static final long PAUSE_MILLIS = 100;

    private final Replica replica;
    private final ScheduledFuture<?> looking;

    StorageWatch(Replica replica, ScheduledExecutorService scheduler) {
        this.replica = replica;
        this.looking = scheduler.scheduleWithFixedDelay(this::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** One that is to be closed is not watched any more. */
    void stop() {
        looking.cancel(false);
    }

    private void look() {
        try {
            Storage storage = replica.storageIfAny();
            // one that a snapshot replaces is closed after it is replaced
            if (storage != null && storage.isShut() && !replica.isStopped()) {
                stop();
                failed(replica.requireLog());
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: its storage can't be watched just now", replica.nodeName(), e);
        }
    }

    /** Off the timer's thread: stopping takes its time. */
    private void failed(ShardLog log) {
        replica.execute(() -> log.fail(new IllegalStateException("H2 has closed the database of " + replica.nodeName()
                + ", as it does when memory ends in the middle of a statement")));
    }
}
