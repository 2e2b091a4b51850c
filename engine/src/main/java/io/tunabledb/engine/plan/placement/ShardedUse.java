package io.tunabledb.engine.plan.placement;

/**
 * One use of a sharded table in a statement.
 *
 * @param table {@code SCHEMA.TABLE}
 * @param by its shard key
 * @param block the query block it stands in
 * @param occurrence which of the block's tables it is
 * @param qualifier what its columns can be qualified with
 * @param isPlain false when nothing can be said of its columns
 */
public record ShardedUse(String table, Sharding.By by, int block, int occurrence, String qualifier, boolean isPlain) {}
