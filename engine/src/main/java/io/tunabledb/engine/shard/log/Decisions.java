package io.tunabledb.engine.shard.log;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import java.util.concurrent.CompletableFuture;

/**
 * The way from one shard's leader to another's, for transactions whose coordinator is gone. Every future fails with {@link
 * NotLeaderException} when no leader of the other shard is in reach; the asker tries again later.
 */
public interface Decisions {

    /**
     * Asks the leader of {@code home} what became of a transaction.
     *
     * @param from the node that asks
     */
    CompletableFuture<Decision> ask(int from, int home, TransactionId transaction);

    /**
     * Tells the leader of a participant that a transaction is committed. Completes when it is finished there.
     *
     * @param from the node that tells
     */
    CompletableFuture<LogPosition> tell(int from, int shard, TransactionId transaction, long epoch);
}
