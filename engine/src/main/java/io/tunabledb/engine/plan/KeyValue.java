package io.tunabledb.engine.plan;

import io.tunabledb.sql.Literals;
import io.tunabledb.sql.Structure.Value;
import org.jspecify.annotations.Nullable;

/** Where the value that a shard key is compared with, or set to, comes from. */
interface KeyValue {
    /** Not one shard. */
    int UNKNOWN = -1;

    /** The shard of the key with these parameters, or {@link #UNKNOWN}. */
    int shard(KeyValues values);

    /** A value that a shard key of type {@code type} is compared with. */
    static KeyValue compared(KeyType type, BucketMap buckets, Value value) {
        if (value instanceof Value.Parameter parameter) {
            int index = parameter.index();
            return values -> shard(ShardKey.compared(type, values.value(index)), buckets);
        }
        return constant(
                value instanceof Value.Literal literal
                        ? shard(ShardKey.compared(type, Literals.value(literal.text())), buckets)
                        : UNKNOWN);
    }

    /** A value that is stored as a shard key of type {@code type}. */
    static KeyValue stored(KeyType type, BucketMap buckets, Value value) {
        if (value instanceof Value.Parameter parameter) {
            int index = parameter.index();
            return values -> shard(ShardKey.stored(type, values.value(index)), buckets);
        }
        return constant(
                value instanceof Value.Literal literal
                        ? shard(ShardKey.stored(type, Literals.value(literal.text())), buckets)
                        : UNKNOWN);
    }

    private static KeyValue constant(int shard) {
        return values -> shard;
    }

    private static int shard(@Nullable ShardKey key, BucketMap buckets) {
        return key == null ? UNKNOWN : buckets.shardOf(key.bucket());
    }
}
