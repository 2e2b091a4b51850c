package io.tunabledb.engine.outbox;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.ShardLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a node's weak writes for one shard to its leader, in order, one batch at a time, until each was answered. A thread
 * of its own: nothing it does holds up a writer, or another shard.
 */
final class Forwarder implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final int MAX_BATCH = 1024;
    private static final long MAX_BATCH_BYTES = 1 << 20;
    private static final long IDLE_MILLIS = 1_000;
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** After what should not happen: it is tried again, but nothing is to spin. */
    private static final long UNEXPECTED_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final int node;
    private final int shard;
    private final PendingWrites pending;
    private final ShardLog log;
    private final Delivery delivery;
    private final Duration patience;
    private volatile boolean stopped;
    private volatile @Nullable String lastError;
    /** What was carried out could not be noted in the log. */
    private volatile boolean isNoteDue;
    /** Everything up to here was carried out. */
    private long done;

    private long rejected;
    private int batchSize = MAX_BATCH;
    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    Forwarder(Lane lane, PendingWrites pending, ShardLog log, Delivery delivery, Duration patience) {
        this.node = lane.node;
        this.shard = lane.shard;
        this.pending = pending;
        this.log = log;
        this.delivery = delivery;
        this.patience = patience;
    }

    /** Whose writes, and where to. */
    record Lane(int node, int shard) {}

    /** Why the last batch was not carried out at once; null when it was. */
    @Nullable
    String lastError() {
        return lastError;
    }

    void stop() {
        stopped = true;
        pending.wake();
    }

    @Override
    public void run() {
        rejected = pending.rejected(shard);
        while (!stopped) {
            try {
                if (pending.awaitAfter(shard, done, IDLE_MILLIS)) {
                    forward();
                }
                if (isNoteDue) {
                    isNoteDue = false;
                    note();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (Throwable e) {
                // whatever it is, acknowledged writes wait here, and nothing else brings them to their shard
                unexpected(e);
            }
        }
    }

    private void unexpected(Throwable cause) {
        String found = cause.toString();
        if (!found.equals(lastError)) {
            LOG.error(
                    "the outbox of n{} can't forward to shard {}; its writes stay and are tried again",
                    node,
                    shard,
                    cause);
        }
        lastError = found;
        LockSupport.parkNanos(UNEXPECTED_PAUSE_NANOS);
    }

    private void forward() {
        if (!delivery.hasLeader(node, shard)) {
            pause("no leader of shard " + shard + " is in reach of n" + node);
            return;
        }
        List<QueuedWrite> next = pending.after(shard, done, batchSize, MAX_BATCH_BYTES);
        Reply reply;
        try {
            Batch batch = new Batch(node, pending.incarnation(), shard, done, next);
            reply = delivery.deliver(batch, Deadline.in(patience));
        } catch (IOException e) {
            pause(e.getMessage());
            return;
        }
        if (reply instanceof Reply.Done carriedOut) {
            done = Math.max(done, carriedOut.upTo());
            rejected += carriedOut.rejected();
            lastError = null;
            batchSize = Math.min(MAX_BATCH, batchSize * 2);
            pauseNanos = SHORTEST_PAUSE_NANOS;
            note();
        } else if (reply instanceof Reply.Again again) {
            if (again.smaller()) {
                batchSize = Math.max(1, next.size() / 2);
            }
            pause(again.why());
        }
    }

    /** No caller waits for it: after a crash in between the leader is asked again, and it knows what it has done. */
    private void note() {
        var unused = log.append(new LogRecord.Forwarded(shard, done, rejected).encode(), this)
                .whenComplete((at, failure) -> {
                    if (failure != null && !stopped) {
                        isNoteDue = true;
                        LOG.debug("n{}: what shard {} carried out up to {} is not noted", node, shard, done, failure);
                    }
                });
    }

    private void pause(@Nullable String why) {
        lastError = why == null ? "the leader of shard " + shard + " did not carry them out, and gave no reason" : why;
        LockSupport.parkNanos(pauseNanos);
        pauseNanos = Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
    }
}
