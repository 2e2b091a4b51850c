package io.tunabledb.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Makes who guesses passwords wait: after some failures in a row under one name, no login under it is looked at for a time
 * that doubles with each further one. A name nobody has is treated alike. What it remembers is bounded: the names that failed
 * longest ago are forgotten.
 */
final class LoginThrottle {
    /** As often anybody may mistype. */
    static final int FREE_FAILURES = 5;

    private static final Duration SHORTEST = Duration.ofMillis(200);
    /** An owner whose name somebody else tries waits no longer than that. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final Duration REMEMBERED = Duration.ofMinutes(15);
    private static final int NAMES = 10_000;

    private final LongSupplier nanoClock;
    private final Cache<String, Failures> failures;

    /** @param atNanos when the last one was */
    private record Failures(int count, long atNanos) {
        long untilNanos() {
            if (count < FREE_FAILURES) {
                return atNanos;
            }
            int doublings = Math.min(count - FREE_FAILURES, 20);
            return atNanos + Math.min(LONGEST.toNanos(), SHORTEST.toNanos() << doublings);
        }
    }

    LoginThrottle(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.failures = Caffeine.newBuilder()
                .maximumSize(NAMES)
                .expireAfterWrite(REMEMBERED)
                .ticker(nanoClock::getAsLong)
                .build();
    }

    /** How long no login under that name is looked at; zero when it is. */
    Duration waitOf(String name) {
        Failures before = failures.getIfPresent(name);
        long left = before == null ? 0 : before.untilNanos() - nanoClock.getAsLong();
        return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    /** How many failures in a row there were. */
    int failures(String name) {
        Failures before = failures.getIfPresent(name);
        return before == null ? 0 : before.count;
    }

    /** How many names are remembered. */
    long names() {
        failures.cleanUp();
        return failures.estimatedSize();
    }

    void failed(String name) {
        var unused = failures.asMap()
                .merge(
                        name,
                        new Failures(1, nanoClock.getAsLong()),
                        (old, one) -> new Failures(old.count + 1, one.atNanos));
    }

    void succeeded(String name) {
        failures.invalidate(name);
    }
}
