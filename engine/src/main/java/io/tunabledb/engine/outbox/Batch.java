package io.tunabledb.engine.outbox;

import java.util.List;

/**
 * Weak writes on their way from a node to a shard's leader, in the order of their numbers. The numbers between them are
 * of other shards' writes.
 *
 * @param node who accepted them
 * @param incarnation which of the node's outboxes: a node that was wiped gets a new one, so that numbers which begin anew
 *     are not taken for those of before
 * @param shard where they are carried out
 * @param after the last of this shard's writes that the node was told to be carried out; 0 when it was told nothing yet
 */
public record Batch(int node, long incarnation, int shard, long after, List<QueuedWrite> entries) {

    public Batch {
        entries = List.copyOf(entries);
    }

    long last() {
        return entries.get(entries.size() - 1).number();
    }
}
