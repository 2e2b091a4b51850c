package io.tunabledb.guarantees;

import java.util.concurrent.ThreadLocalRandom;

/** Where random tests get their seed: a new one every run, or the one of {@code -Dguarantees.seed=N} to repeat one. */
final class Seeds {

    private Seeds() {}

    static long next() {
        Long given = Long.getLong("guarantees.seed");
        return given != null ? given : ThreadLocalRandom.current().nextInt(1_000_000);
    }
}
