package io.tunabledb.engine.shard;

import java.time.Duration;

/** A point on this JVM's monotonic clock by which a wait must end. */
public record Deadline(long atNanos) {

    /** So long from now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** What is left, never negative. */
    public long remainingNanos() {
        return Math.max(0, atNanos - System.nanoTime());
    }

    /** Whether nothing is left. */
    public boolean isPast() {
        return remainingNanos() == 0;
    }

    /** The earlier of this and {@code duration} from now. */
    public Deadline atMost(Duration duration) {
        long other = System.nanoTime() + duration.toNanos();
        return other - atNanos < 0 ? new Deadline(other) : this;
    }
}
