package io.tunabledb.engine.shard.log;

/**
 * A transaction over shards that is prepared in a shard which does not know its end yet.
 *
 * @param transaction its id
 * @param home the shard that decides
 * @param index the log index of its Prepare entry here
 * @param ageNanos since when this replica knows of it
 */
public record InDoubt(TransactionId transaction, int home, long index, long ageNanos) {}
