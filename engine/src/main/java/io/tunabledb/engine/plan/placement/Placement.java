package io.tunabledb.engine.plan.placement;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which shards a statement needs: decided once for its text, as far as the text can tell, and then for each execution. */
public interface Placement {

    /** In shard 0, whatever its parameters are. */
    Placement SHARD_ZERO = new Placement() {
        private final ShardRoute route = new ShardRoute.OneShard(0);

        @Override
        public ShardRoute route(KeyValues values) {
            return route;
        }

        @Override
        public SortedSet<Integer> shards() {
            return new TreeSet<>(List.of(0));
        }

        @Override
        public List<String> describe() {
            return List.of();
        }
    };

    /** Where an execution with these parameters runs. */
    ShardRoute route(KeyValues values);

    /** The shards that an execution may need, whatever its parameters are. */
    SortedSet<Integer> shards();

    /**
     * For EXPLAIN CONSISTENCY: which shards, why these, and whether rows are brought together. Nothing, where there is one
     * shard.
     */
    List<String> describe();
}
