package io.tunabledb.engine.plan.placement;

import io.tunabledb.sql.Literals;
import io.tunabledb.sql.Structure.Value;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Where the value that a shard key is compared with, or set to, comes from. */
public interface KeyValue {
    /** Not one shard. */
    int UNKNOWN = -1;

    /** The shard of the key with these parameters, or {@link #UNKNOWN}. */
    int shard(KeyValues values);

    /** A value that a shard key of type {@code type} is compared with. */
    static KeyValue compared(KeyType type, BucketMap buckets, Value value) {
        return of(value, given -> shard(ShardKey.compared(type, given), buckets));
    }

    /** A value that is stored as a shard key of type {@code type}. */
    static KeyValue stored(KeyType type, BucketMap buckets, Value value) {
        return of(value, given -> shard(ShardKey.stored(type, given), buckets));
    }

    private static KeyValue of(Value value, ToIntFunction<@Nullable Object> shard) {
        if (value instanceof Value.Parameter parameter) {
            return values -> shard.applyAsInt(values.value(parameter.index()));
        }
        int fixed = value instanceof Value.Literal literal ? shard.applyAsInt(Literals.value(literal.text())) : UNKNOWN;
        return values -> fixed;
    }

    private static int shard(@Nullable ShardKey key, BucketMap buckets) {
        return key == null ? UNKNOWN : buckets.shardOf(key.bucket());
    }
}
