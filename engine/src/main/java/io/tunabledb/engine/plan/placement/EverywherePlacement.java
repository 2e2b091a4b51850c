package io.tunabledb.engine.plan.placement;

import java.util.List;
import java.util.SortedSet;

/** A definition: the schema is the same in every shard. */
public record EverywherePlacement(SortedSet<Integer> shards) implements Placement {
    @Override
    public ShardRoute route(KeyValues values) {
        return new ShardRoute.SameOnEach(shards);
    }

    @Override
    public List<String> describe() {
        return List.of("changes the schema in all " + shards.size() + " shards");
    }
}
