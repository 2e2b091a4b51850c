package io.tunabledb.engine.message;

import io.tunabledb.engine.shard.held.LockWait;
import java.util.List;

/** What the search for deadlocks over shards asks the leaders. */
public sealed interface LockMessage<A> extends Message<A> {

    /** Who waits for a row's lock at any of the node's replicas, also of one that is deposed and does not know it yet. */
    record Waits() implements LockMessage<List<LockWait>> {}

    /**
     * Has a transaction rolled back that still waits as was seen. Answers whether it did.
     *
     * @param why what its caller is told
     */
    record GiveWay(LockWait seen, String why) implements LockMessage<Boolean> {}
}
