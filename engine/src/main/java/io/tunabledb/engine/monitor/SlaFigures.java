package io.tunabledb.engine.monitor;

import org.jspecify.annotations.Nullable;

/**
 * How one promise was kept since the database started.
 *
 * @param met statements that got what their level promises
 * @param violated statements that were served and did not
 * @param fellBack how many of those served were so by a later rung of their ladder
 * @param raised how many were promised more than they asked for
 * @param downgraded how many were promised less than they asked for, as a rule allows
 * @param timedOut statements that were refused because no rung could be met in time
 * @param waited how long they waited for their level's condition; for a write, for its commit. Null when none was timed
 * @param latency how long execution took, without fetching rows; null when none was timed
 * @param staleness how old the data can at most have been; null when no replica that served knew
 */
public record SlaFigures(
        SlaKey key,
        long met,
        long violated,
        long fellBack,
        long raised,
        long downgraded,
        long timedOut,
        @Nullable Spread waited,
        @Nullable Spread latency,
        @Nullable Spread staleness) {

    /** All statements, served or timed out. */
    public long count() {
        return met + violated + timedOut;
    }
}
