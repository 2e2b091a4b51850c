package io.tunabledb.engine.negotiate;

import io.tunabledb.consistency.Rule;
import java.util.Set;

/**
 * The load as decisions see it: which thresholds of rules it has passed, with hysteresis already applied. A value; a new
 * one is made only when that set changes, so a decision made with one is good as long as it is the newest.
 *
 * @param figure the smoothed load when the set last changed; 1 is fully loaded
 * @param exceeded the thresholds passed
 */
public record Load(double figure, Set<Double> exceeded) {

    /** Nothing passed. */
    public static final Load NONE = new Load(0, Set.of());

    public Load {
        exceeded = Set.copyOf(exceeded);
    }

    /** How many of a list's thresholds it has passed, from the first on. */
    public int depth(Rule.Downgrade downgrade) {
        int depth = 0;
        while (depth < downgrade.to().size() && exceeded.contains(downgrade.threshold(depth))) {
            depth++;
        }
        return depth;
    }
}
