package io.tunabledb.engine.h2.sharding;

import java.util.function.ToIntFunction;
import org.h2.message.DbException;
import org.h2.util.JSR310Utils;
import org.h2.value.Value;

/** Tells of the keys of one sharded table whether they belong here. */
public final class KeyShards {
    /** So many values per shard are tried to find one that belongs here; all missing is less likely than e^-100. */
    private static final int DRAWS_PER_SHARD = 100;

    private final ShardOf here;
    private final ToIntFunction<Object> shards;

    public KeyShards(ShardOf here, ToIntFunction<Object> shards) {
        this.here = here;
        this.shards = shards;
    }

    /** The shard of a key's row; -1 when it can't be told. */
    public int of(Value key) {
        return key.getValueType() == Value.NULL ? -1 : shards.applyAsInt(object(key));
    }

    public boolean isHere(Value key) {
        return of(key) == here.shard();
    }

    int draws() {
        return DRAWS_PER_SHARD * here.shards();
    }

    /** That a row came to the wrong shard; {@code table} and {@code column} say whose. */
    DbException notHere(String table, String column, Value key) {
        int at = of(key);
        return error("a row of " + table + " with " + column + " = " + key.getTraceSQL() + " belongs to "
                + (at < 0 ? "no shard" : "shard " + at) + ", and this is shard " + here.shard() + " of "
                + here.shards() + ": give " + column + " in the statement, so that it is sent to its shard");
    }

    static DbException error(String message) {
        return DbException.convert(new java.sql.SQLException(message, "TC005"));
    }

    static Object object(Value key) {
        return switch (key.getValueType()) {
            case Value.TINYINT, Value.SMALLINT, Value.INTEGER, Value.BIGINT -> key.getLong();
            case Value.NUMERIC -> key.getBigDecimal();
            // its infinities and NaN are no numbers
            case Value.DECFLOAT ->
                key.getString().matches("[+-]?[0-9].*") ? (Object) key.getBigDecimal() : key.getString();
            case Value.BOOLEAN -> key.getBoolean();
            case Value.DATE -> JSR310Utils.valueToLocalDate(key, null);
            case Value.UUID -> key.convertToUuid().getUuid();
            case Value.BINARY, Value.VARBINARY -> key.getBytes();
            default -> key.getString();
        };
    }
}
