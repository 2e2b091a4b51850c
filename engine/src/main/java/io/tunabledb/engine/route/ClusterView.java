package io.tunabledb.engine.route;

import java.util.List;

/**
 * One shard as a session sees it at one moment.
 *
 * @param replicas every replica the session could reach
 */
public record ClusterView(List<ReplicaView> replicas) {

    public ClusterView {
        replicas = List.copyOf(replicas);
    }

    /**
     * One replica.
     *
     * @param node its node, from 1
     * @param leading whether it believes to lead
     * @param term the term it believes so in
     * @param applied what it has applied
     * @param stalenessNanos how old its data can at most be; {@link Long#MAX_VALUE} when unknown
     * @param load how many queries run there
     * @param distance 0 for the session's home node and for the replica it used last, 1 for the others
     */
    public record ReplicaView(
            int node, boolean leading, long term, long applied, long stalenessNanos, int load, int distance) {}
}
