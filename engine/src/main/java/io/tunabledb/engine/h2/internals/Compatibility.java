package io.tunabledb.engine.h2.internals;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.h2.engine.Mode;
import org.jspecify.annotations.Nullable;

/**
 * The dialect that a database's texts are read in and its rows are ordered by: H2's compatibility mode, and where NULL
 * sorts. Fixed at creation, the same on every replica, in every private database and on every copy that something is tried
 * on.
 *
 * @param mode as H2 spells it
 * @param nullOrdering LOW, HIGH, FIRST or LAST
 */
public record Compatibility(String mode, String nullOrdering) {
    /** H2's own defaults. */
    public static final Compatibility REGULAR = new Compatibility("REGULAR", "LOW");

    private static final List<String> ORDERINGS = List.of("LOW", "HIGH", "FIRST", "LAST");

    /**
     * What a URL says.
     *
     * @param mode null when it says nothing
     * @param nullOrdering null when it says nothing
     */
    public record Asked(@Nullable String mode, @Nullable String nullOrdering) {
        /** Nothing is said. */
        public static final Asked NOTHING = new Asked(null, null);

        /** @throws IllegalArgumentException H2 has no such mode, or no such ordering; says which it has */
        public Asked {
            if (mode != null) {
                Mode known = Mode.getInstance(mode);
                if (known == null) {
                    throw new IllegalArgumentException("there is no mode '" + mode + "'; H2 has "
                            + Arrays.stream(Mode.ModeEnum.values())
                                    .map(Mode.ModeEnum::name)
                                    .collect(Collectors.joining(", ")));
                }
                mode = known.getName();
            }
            if (nullOrdering != null) {
                nullOrdering = nullOrdering.toUpperCase(Locale.ROOT);
                if (!ORDERINGS.contains(nullOrdering)) {
                    throw new IllegalArgumentException(
                            "there is no null ordering '" + nullOrdering + "'; H2 has " + String.join(", ", ORDERINGS));
                }
            }
        }

        /** Of a database that is made by it. */
        public Compatibility chosen() {
            return new Compatibility(
                    mode == null ? REGULAR.mode : mode, nullOrdering == null ? REGULAR.nullOrdering : nullOrdering);
        }

        /** What differs from what a database has, by name with both values; null when nothing does. */
        public @Nullable String differenceTo(Compatibility found) {
            if (mode != null && !mode.equals(found.mode)) {
                return "was created with mode=" + found.mode + ", the URL says mode=" + mode;
            }
            if (nullOrdering != null && !nullOrdering.equals(found.nullOrdering)) {
                return "was created with defaultNullOrdering=" + found.nullOrdering
                        + ", the URL says defaultNullOrdering=" + nullOrdering;
            }
            return null;
        }
    }

    /** The settings of a URL of H2. */
    String settings() {
        return (mode.equals(REGULAR.mode) ? "" : ";MODE=" + mode)
                + (nullOrdering.equals(REGULAR.nullOrdering) ? "" : ";DEFAULT_NULL_ORDERING=" + nullOrdering);
    }
}
