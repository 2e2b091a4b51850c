package io.tunabledb.engine.route;

import io.tunabledb.consistency.Level;

/** What has been measured of replicas lately, as a value or a view of one. */
@FunctionalInterface
public interface Measured {
    /** Nothing yet. */
    Measured NOTHING = (node, level) -> new Recent(WaitProfile.EMPTY, 0);

    /** How long a node's replica took for a level. */
    Recent waits(int node, Level level);

    /**
     * A profile and what its weights are worth by now.
     *
     * @param factor 0 to 1
     */
    record Recent(WaitProfile profile, double factor) {}
}
