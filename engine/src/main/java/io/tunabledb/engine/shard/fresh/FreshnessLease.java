package io.tunabledb.engine.shard.fresh;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A reading t of this replica's own monotonic clock such that everything acknowledged in the shard before t is applied
 * here. Staleness is now − t, both on the same clock, so no skew between machines can break a bound (unlike timestamp
 * bounds in Spanner or closed timestamps in CockroachDB, which trust clocks to some error).
 *
 * <p>To raise it: note t0, get a majority-confirmed read index, wait until it is applied, then raise to t0.
 */
public final class FreshnessLease {
    private static final long NEVER = Long.MIN_VALUE;

    private final LongSupplier nanoClock;
    private final AtomicLong fresh = new AtomicLong(NEVER);

    public FreshnessLease(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    public long now() {
        return nanoClock.getAsLong();
    }

    public void raise(long t0) {
        fresh.accumulateAndGet(t0, (held, offered) -> held == NEVER || offered - held > 0 ? offered : held);
    }

    /** Nanoseconds the data can at most be old; {@link Long#MAX_VALUE} when no lease was ever taken. */
    public long stalenessNanos() {
        long held = fresh.get();
        return held == NEVER ? Long.MAX_VALUE : Math.max(0, now() - held);
    }
}
