package io.tunabledb.engine;

import io.tunabledb.engine.h2.sharding.KeyPlacement;
import io.tunabledb.engine.plan.placement.ShardKey;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Tells storage where the plan looks for a row: in the shard that has its key's bucket. */
record BucketPlacement(int shards) implements KeyPlacement {

    @Override
    public ToIntFunction<Object> of(String type, @Nullable String buckets) {
        return ShardKey.shards(type, buckets, shards);
    }
}
