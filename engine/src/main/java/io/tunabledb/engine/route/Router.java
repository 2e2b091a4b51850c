package io.tunabledb.engine.route;

import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.route.ClusterView.ReplicaView;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Decides in which order replicas are tried for a read: those that can serve it without waiting first, then nearest,
 * then least loaded; the leader is the last resort before the error, because it is the one that always catches up. Pure.
 */
public final class Router {

    private Router() {}

    /**
     * The nodes to try, best first; empty when none can be reached.
     *
     * @param needed the index a replica must have applied, 0 when none
     */
    public static List<Integer> order(Rung rung, long needed, ClusterView view) {
        Predicate<ReplicaView> ready = ready(rung, needed);
        Comparator<ReplicaView> best = Comparator.comparing((ReplicaView replica) -> !ready.test(replica))
                .thenComparing(replica -> !ready.test(replica) && replica.leading())
                .thenComparingInt(ReplicaView::distance)
                .thenComparingInt(ReplicaView::load)
                .thenComparingInt(ReplicaView::node);
        return view.replicas().stream().sorted(best).map(ReplicaView::node).toList();
    }

    /** The leader of the highest term, or 0 when no replica leads. */
    public static int leader(ClusterView view) {
        return view.replicas().stream()
                .filter(ReplicaView::leading)
                .max(Comparator.comparingLong(ReplicaView::term))
                .map(ReplicaView::node)
                .orElse(0);
    }

    private static Predicate<ReplicaView> ready(Rung rung, long needed) {
        return switch (rung.level()) {
            // the leader answers a read index without a hop
            case LINEARIZABLE, READ_UNCOMMITTED -> ReplicaView::leading;
            case SEQUENTIAL, SNAPSHOT, READ_YOUR_WRITE, MONOTONIC_READ, EVENTUAL ->
                replica -> replica.applied() >= needed;
            case BOUNDED_STALENESS -> {
                var bound = rung.maxStaleness();
                long nanos = bound == null ? 0 : bound.toNanos();
                yield replica -> replica.applied() >= needed && replica.stalenessNanos() <= nanos;
            }
        };
    }
}
