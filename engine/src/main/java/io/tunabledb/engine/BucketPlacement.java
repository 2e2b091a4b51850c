package io.tunabledb.engine;

import io.tunabledb.engine.h2.KeyPlacement;
import io.tunabledb.engine.plan.BucketMap;
import io.tunabledb.engine.plan.KeyType;
import io.tunabledb.engine.plan.ShardKey;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Tells storage where the plan looks for a row: in the shard that has its key's bucket. */
record BucketPlacement(int shards) implements KeyPlacement {

    @Override
    public ToIntFunction<Object> of(String type, @Nullable String buckets) {
        KeyType keyType = KeyType.parse(type);
        BucketMap map = buckets == null ? BucketMap.even(shards) : BucketMap.parse(buckets, shards);
        return value -> {
            ShardKey key = ShardKey.stored(keyType, value);
            return key == null ? -1 : map.shardOf(key.bucket());
        };
    }
}
