package io.tunabledb.engine.plan;

import io.tunabledb.engine.plan.placement.BucketMap;
import io.tunabledb.engine.plan.placement.KeyValues;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.ShardRoute;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** A statement without sharded tables. */
final class FixedPlacement implements Placement {
    private final TableUses uses;
    private final BucketMap buckets;
    private final ShardRoute route;

    FixedPlacement(TableUses uses, Plan.Kind kind, BucketMap buckets) {
        this.uses = uses;
        this.buckets = buckets;
        boolean isAny = kind == Plan.Kind.READ && uses.single().isEmpty();
        this.route = uses.writesReference() ? new ShardRoute.OnReference() : new ShardRoute.OneShard(0, isAny);
    }

    @Override
    public ShardRoute route(KeyValues values) {
        return route;
    }

    @Override
    public SortedSet<Integer> shards() {
        return uses.writesReference() ? buckets.all() : new TreeSet<>(List.of(0));
    }

    @Override
    public List<String> describe() {
        if (uses.writesReference()) {
            return List.of("runs in shard 0; what it changes is copied to all " + buckets.shards() + " shards");
        }
        return List.of(
                uses.single().isEmpty()
                        ? "runs in shard 0, as it would in any other"
                        : "runs in shard 0, where unsharded tables are: " + String.join(", ", uses.single()));
    }
}
