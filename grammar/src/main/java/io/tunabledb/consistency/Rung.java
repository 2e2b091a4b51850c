package io.tunabledb.consistency;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One rung of a {@link Ladder}: a level and the conditions on it.
 *
 * @param level what is asked for
 * @param maxStaleness the bound of BOUNDED_STALENESS, positive; null for every other level
 * @param maxEntries the most log entries a BOUNDED_STALENESS read may be behind, at least 0; null when not asked
 * @param within how long to try this rung, positive; null means the session's {@code consistencyTimeout}
 * @param afterToken a session token whose writes must be seen too; null when not asked
 * @param ackAll for writes: acknowledge only when every replica has applied
 */
public record Rung(
        Level level,
        @Nullable Duration maxStaleness,
        @Nullable Long maxEntries,
        @Nullable Duration within,
        @Nullable String afterToken,
        boolean ackAll) {

    public Rung {
        if ((level == Level.BOUNDED_STALENESS) != (maxStaleness != null)) {
            throw new IllegalArgumentException(
                    level == Level.BOUNDED_STALENESS
                            ? "BOUNDED_STALENESS needs its bound, for example BOUNDED_STALENESS (5 SECONDS)"
                            : level + " takes no staleness bound; only BOUNDED_STALENESS does");
        }
        if (maxStaleness != null && (maxStaleness.isNegative() || maxStaleness.isZero())) {
            throw new IllegalArgumentException("the bound must be positive, found " + Durations.text(maxStaleness));
        }
        if (maxEntries != null && (maxStaleness == null || maxEntries < 0)) {
            throw new IllegalArgumentException("ENTRIES goes with BOUNDED_STALENESS and is at least 0");
        }
        if (within != null && (within.isNegative() || within.isZero())) {
            throw new IllegalArgumentException("WITHIN must be positive, found " + Durations.text(within));
        }
    }

    /** A rung that asks for a level alone; BOUNDED_STALENESS needs {@link #bounded}. */
    public static Rung of(Level level) {
        return new Rung(level, null, null, null, null, false);
    }

    /** BOUNDED_STALENESS with its bound. */
    public static Rung bounded(Duration maxStaleness) {
        return new Rung(Level.BOUNDED_STALENESS, maxStaleness, null, null, null, false);
    }

    /** The rung as it is written in SQL; parsing it gives an equal rung. */
    public String text() {
        StringBuilder text = new StringBuilder(level.name());
        if (maxStaleness != null) {
            text.append(" (").append(Durations.text(maxStaleness));
            if (maxEntries != null) {
                text.append(", ").append(maxEntries).append(" ENTRIES");
            }
            text.append(')');
        }
        if (within != null) {
            text.append(" WITHIN ").append(Durations.text(within));
        }
        if (afterToken != null) {
            text.append(" AFTER '").append(afterToken.replace("'", "''")).append('\'');
        }
        return ackAll ? text.append(" ACK ALL").toString() : text.toString();
    }

    @Override
    public String toString() {
        return text();
    }
}
