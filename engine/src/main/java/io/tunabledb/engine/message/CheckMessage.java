package io.tunabledb.engine.message;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.check.StateHash;
import org.jspecify.annotations.Nullable;

/** What CHECK REPLICAS asks in one shard. */
public sealed interface CheckMessage<A> extends Message<A> {

    /**
     * Has a shard's leader log a check, at which every replica hashes its rows and its schema.
     *
     * @param id a new one
     * @param table null for all
     */
    record Begin(
            int shard,
            long id,
            @Nullable String schema,
            @Nullable String table) implements CheckMessage<LogPosition> {}

    /** Asks a replica what its state was at a check. Answered when it has come there and has hashed it. */
    record Hash(int shard, long id) implements CheckMessage<Hashed> {}

    /** What a replica's state was at a check. */
    sealed interface Hashed {
        /** It is this. */
        record Is(StateHash state) implements Hashed {}

        /** The replica has stopped meanwhile. */
        record Stopped() implements Hashed {}

        /** It could not be hashed, and why, for people. */
        record Failed(String why) implements Hashed {}
    }
}
