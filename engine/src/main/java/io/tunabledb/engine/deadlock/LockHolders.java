package io.tunabledb.engine.deadlock;

import io.tunabledb.engine.shard.held.LockWait;
import java.util.List;

/** The way to the shards' leaders, which know who waits for a lock and can make one give way. */
public interface LockHolders {

    /** Every wait for a lock at any leader in reach, at about this moment. */
    List<LockWait> waits();

    /**
     * Has a transaction rolled back that still waits as was seen; its caller gets 40001. From then on its locks in that shard are
     * free, those in the others as soon as its caller knows.
     *
     * @return false when it does not wait so any longer
     */
    boolean giveWay(LockWait wait, String why);
}
