package io.tunabledb.engine.cut;

import io.tunabledb.engine.log.NotLeaderException;
import java.util.concurrent.CompletableFuture;

/** A coordinator's way to the leaders of all shards and to all nodes. */
public interface Peers {

    /** How many shards there are. */
    int shards();

    /** Whether a leader of the shard is in reach. */
    boolean hasLeader(int from, int shard);

    /**
     * Tells a shard's leader to end all epochs below one. Completes when that is committed; fails with {@link
     * NotLeaderException} when no node in reach leads it.
     *
     * @param from the node that tells
     */
    CompletableFuture<?> beginEpoch(int from, int shard, long epoch);

    /**
     * Tells every node in reach that a cut, and every earlier one, is complete or given up.
     *
     * @param from the node that tells
     */
    void release(int from, long cut);
}
