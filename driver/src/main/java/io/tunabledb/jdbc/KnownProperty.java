package io.tunabledb.jdbc;

import java.sql.DriverPropertyInfo;
import java.util.Properties;

/**
 * The URL's properties, for tools that ask a driver what it can be told. What they mean is the engine's to
 * say.
 */
enum KnownProperty {
    USER("user", "who connects"),
    PASSWORD("password", "the user's password"),
    SHARDS("shards", "into how many shards the tables are split; fixed at creation"),
    REPLICAS("replicas", "how many replicas keep each shard; fixed at creation"),
    CONSISTENCY("consistency", "the level of statements that nothing else decides for; SEQUENTIAL if not given"),
    CONSISTENCY_TIMEOUT("consistencyTimeout", "how long a statement waits for its level, for example 5s"),
    TOKEN_SCOPE("tokenScope", "connection or datasource: whose reads and writes a session remembers"),
    USER_TYPE("userType", "the user type that consistency rules see"),
    LINEARIZABLE_READS("linearizableReads", "quorum or lease: how a linearizable read proves itself"),
    CLOSE_DELAY("closeDelay", "how long the engine stays after its last connection closed");

    private final String key;
    private final String description;

    KnownProperty(String key, String description) {
        this.key = key;
        this.description = description;
    }

    static DriverPropertyInfo[] describe(Properties given) {
        KnownProperty[] all = values();
        DriverPropertyInfo[] infos = new DriverPropertyInfo[all.length];
        for (int i = 0; i < all.length; i++) {
            infos[i] = new DriverPropertyInfo(all[i].key, all[i] == PASSWORD ? null : given.getProperty(all[i].key));
            infos[i].description = all[i].description;
        }
        return infos;
    }
}
