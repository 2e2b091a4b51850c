package io.tunabledb.engine.log;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One replica's handle on the replicated log of one shard. Safe for use by many threads. All futures complete within
 * the deadlines the log was configured with; callers may stop waiting earlier.
 */
public interface ShardLog extends AutoCloseable {

    /**
     * Proposes an entry at this replica. Completes after {@link ReplicaStateMachine#apply} has returned for it here.
     *
     * @param entry the bytes to log; not copied, do not change them afterwards
     * @param held handed back to {@code apply} on this replica for this entry, if the entry is applied by the server
     *     that proposed it; every other replica sees null
     * @return completes with the entry's position; fails with {@link NotLeaderException} when the entry certainly was
     *     not and will not be logged, with {@link OutcomeUnknownException} when that can't be told
     */
    CompletableFuture<LogPosition> append(byte[] entry, Object held);

    /**
     * Asks the leader for an index that covers every entry committed before this call, confirmed by a majority after
     * this call began (Ongaro 2014, section 6.4). Works on every replica that can reach the leader. Does not wait for
     * anything to be applied.
     *
     * @return the read index; fails with {@link NotLeaderException} when no leader is known or it can't confirm
     */
    CompletableFuture<Long> readIndex();

    /** What this replica believes of its shard right now. Cheap: callers ask per statement. */
    LogStatus status();

    /** To be called now and then: ends the replica when its log has ended and its replica was not told, as when a vote can't be kept. */
    void look();

    /**
     * Why the log's disk takes no entry now; null when it does. What was appended waits until it does again, and keeps the
     * replica's term and lead.
     */
    @Nullable
    Shortage shortage();

    /** Gives the lead to another node, if this replica has it and that one can take it; returns before that is known. */
    void handOver(int node);

    /**
     * Tells the log that {@link ReplicaStateMachine#latestSnapshot} has a newer file, so entries it covers may be
     * purged.
     */
    void snapshotCompleted();

    /**
     * Stops this replica for good, as if applying had failed: what it applies to is gone. The lead goes to another at once.
     * Returns before that is done. Idempotent.
     */
    void fail(Throwable cause);

    /** Stops this replica. Pending appends fail with {@link OutcomeUnknownException}. Idempotent. */
    @Override
    void close();
}
