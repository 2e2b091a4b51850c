package io.tunabledb.engine.log;

/**
 * What a replica believes of its shard.
 *
 * @param alive false once the replica has stopped or failed
 * @param leading whether this replica leads and has applied an entry of its own term
 * @param leader the node it takes for the leader, from 1; 0 when unknown
 * @param term the newest term it has seen
 * @param lastIndex the last index in its log
 * @param commitIndex the last index it knows to be committed
 */
public record LogStatus(boolean alive, boolean leading, int leader, long term, long lastIndex, long commitIndex) {}
