package io.tunabledb.engine.shard;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.log.Entry;
import java.util.concurrent.CompletableFuture;

/** Puts entries in a shard's log that no session could. */
public final class Poison {

    private Poison() {}

    /** One of a kind that nobody knows, as a newer version of the library may write. */
    public static CompletableFuture<LogPosition> unknown(Replica leader) {
        return leader.requireLog().append(new byte[] {Entry.FORMAT, '?', 1, 2, 3}, new Object());
    }
}
