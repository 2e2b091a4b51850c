package io.tunabledb.engine.shard;

import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.shard.log.Decisions;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a replica tells its node. */
public interface ReplicaListener {

    /** The catalog's settings as of {@code index}, after a change. On the apply thread: be quick. */
    void catalogChanged(Replica replica, long index, Map<String, String> settings);

    /** An entry that changed rows or the schema is applied. On the apply thread: be quick. */
    void applied(Replica replica, long index);

    /** The replica's log says that every cut up to this one is complete or given up. On the apply thread: be quick. */
    void released(Replica replica, long cut);

    /** What schema TUNABLE shows, the same on every replica of this process. */
    SystemSchema systemSchema();

    /** The way to the leaders of other shards. */
    Decisions decisions();

    /**
     * Why an entry is not to be applied, the same on every replica; null for all but the few that the operator had left out when
     * the database was opened. Asked for every entry: be quick.
     */
    default @Nullable String leftOut(int shard, long index) {
        return null;
    }

    /** Where work goes that must not hold up the apply thread. */
    Executor executor();
}
