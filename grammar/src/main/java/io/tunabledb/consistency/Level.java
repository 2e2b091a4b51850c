package io.tunabledb.consistency;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A consistency level: what one statement is promised. Declared strongest first, so {@code compareTo} orders by
 * strength.
 *
 * <p>Each constant says the promise, what it costs, and when it is refused.
 */
public enum Level {
    /**
     * Sees every write acknowledged before the statement began. Costs a round to a majority, then waiting until the
     * serving replica has applied what that round returned. Refused with TC002 when no majority answers. (Herlihy and
     * Wing 1990; the read index of Ongaro's Raft thesis, section 6.4.)
     */
    LINEARIZABLE,
    /**
     * All clients see writes in one order, each client in its program order. Costs waiting until the serving replica
     * has applied all that this session saw or wrote. Refused with TC001 when none does in time. (Lamport 1979.)
     */
    SEQUENTIAL,
    /**
     * One point in time for a statement or a read-only transaction, not older than what the session saw or wrote. Costs
     * a pinned storage snapshot. Refused as SEQUENTIAL is. (Berenson et al. 1995; strong session SI, Daudjee and Salem
     * 2006.)
     */
    SNAPSHOT,
    /** Sees this session's own writes. Costs waiting for them. Refused with TC001. (Terry et al. 1994.) */
    READ_YOUR_WRITE,
    /** Never older than what this session has seen. Costs waiting for that. Refused with TC001. (Terry et al. 1994.) */
    MONOTONIC_READ,
    /**
     * Data at most so old, measured on the serving replica's own monotonic clock, and if asked at most so many log
     * entries behind. Costs nothing while a lease is young, else a linearizable read. Refused with TC001, never served
     * stale. (Cosmos DB's bounded staleness, without trusting clocks between machines.)
     */
    BOUNDED_STALENESS,
    /** Some replica's committed state; replicas converge. Costs nothing. Refused with 08001 when no replica answers. */
    EVENTUAL,
    /** Also work in flight that may yet be rolled back: the leader's uncommitted rows. (ANSI READ UNCOMMITTED.) */
    READ_UNCOMMITTED;

    private static final Map<String, Level> BY_NAME = Map.of(
            "STRONG", LINEARIZABLE,
            "SESSION", SEQUENTIAL,
            "BOUNDED", BOUNDED_STALENESS);

    /** Whether this level promises strictly more than {@code other}, in the order of declaration. */
    public boolean isStrongerThan(Level other) {
        return compareTo(other) < 0;
    }

    /** The level of that name or alias, in any case; empty when there is none. */
    public static Optional<Level> named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(level -> level.name().equals(upper))
                .findFirst()
                .or(() -> Optional.ofNullable(BY_NAME.get(upper)));
    }

    /** Every word {@link #named} knows: levels strongest first, then aliases. */
    public static List<String> names() {
        return Stream.concat(
                        Arrays.stream(values()).map(Enum::name),
                        BY_NAME.keySet().stream().sorted())
                .collect(Collectors.toUnmodifiableList());
    }
}
