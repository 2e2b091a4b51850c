package io.tunabledb.engine.shard.life;

/**
 * Which replica of the database it is.
 *
 * @param node its node's number, from 1
 * @param shard its shard's number, from 0
 */
public record ReplicaId(int node, int shard) {

    /** The node as receipts and messages name it. */
    public String nodeName() {
        return "n" + node;
    }
}
