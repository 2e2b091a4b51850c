package io.tunabledb.engine.h2;

/** The settings that say how tables are sharded. */
final class ShardSettings {
    /** What their names begin with; the rest is {@code SCHEMA.TABLE}. */
    static final String PREFIX = "table.shard.";

    private ShardSettings() {}
}
