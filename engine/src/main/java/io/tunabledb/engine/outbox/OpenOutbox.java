package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.ShardLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An outbox that is open: its log, what waits in it, who accepts and who forwards. */
record OpenOutbox(OutboxReplica replica, ShardLog log, Appender appender, List<Forwarder> forwarders) {
    /** A write that waits longer has a reason, and the status says one. */
    private static final Duration OLD = Duration.ofSeconds(2);

    boolean isWell() {
        return replica.failure() == null;
    }

    /** What waits to be carried out. */
    PendingWrites pending() {
        return replica.pending();
    }

    void close() {
        forwarders.forEach(Forwarder::stop);
        log.close();
    }

    /**
     * Itself at this moment.
     *
     * @param lost what is known to be missing in it, or null
     */
    OutboxStatus status(int node, @Nullable String lost) {
        PendingWrites.Counts now = replica.pending().counts();
        QueuedWrite oldest = replica.pending().oldest();
        Throwable failure = replica.failure();
        Duration age = oldest == null ? null : Duration.between(OutboxEntry.acceptedAt(oldest.bytes()), Instant.now());
        return new OutboxStatus(
                node,
                now.incarnation(),
                now.accepted(),
                now.pending(),
                now.bytes(),
                age,
                now.forwarded(),
                now.rejected(),
                failure == null ? lastError(lost, age) : "it is being opened again after: " + failure);
    }

    private @Nullable String lastError(@Nullable String lostBefore, @Nullable Duration age) {
        for (Forwarder forwarder : forwarders) {
            String error = forwarder.lastError();
            if (error != null) {
                return error;
            }
        }
        String lost = replica.lostText();
        if (lost == null) {
            lost = lostBefore;
        }
        if (lost != null) {
            return lost;
        }
        return age == null || age.compareTo(OLD) < 0
                ? null
                : "its oldest write waits since " + age.toMillis()
                        + " ms: the leader of its shard has not answered yet";
    }
}
