package io.tunabledb.engine.shard;

import io.tunabledb.engine.clock.Deadline;
import java.util.ArrayList;
import java.util.List;

/** Several replicas of one shard. */
public final class Replicas {

    private Replicas() {}

    /**
     * Waits until each of them has applied an entry.
     *
     * @return those that had not when the deadline came; none when all have
     */
    public static List<Replica> awaitApplied(List<Replica> replicas, long index, Deadline deadline)
            throws InterruptedException {
        List<Replica> lagging = new ArrayList<>();
        for (Replica replica : replicas) {
            if (!replica.awaitApplied(index, deadline)) {
                lagging.add(replica);
            }
        }
        return lagging;
    }
}
