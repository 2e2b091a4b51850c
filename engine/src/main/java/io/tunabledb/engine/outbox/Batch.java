package io.tunabledb.engine.outbox;

import java.util.List;

/**
 * Weak writes on their way from a node to the leader, in the order of their numbers, without gaps.
 *
 * @param node who accepted them
 * @param incarnation which of the node's outboxes: a node that was wiped gets a new one, so that numbers which begin anew
 *     are not taken for those of before
 */
public record Batch(int node, long incarnation, List<Pending> entries) {

    public Batch {
        entries = List.copyOf(entries);
    }

    long last() {
        return entries.get(entries.size() - 1).number();
    }
}
