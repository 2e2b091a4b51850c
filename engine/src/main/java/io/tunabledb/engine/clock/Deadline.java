package io.tunabledb.engine.clock;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/**
 * A point on the clock of {@link RunningTime} by which a wait must end: a process that was stopped meanwhile has run nothing
 * out, and neither has its caller, who was stopped with it.
 */
public record Deadline(long atNanos) {

    /** So long from now. */
    public static Deadline in(Duration duration) {
        return new Deadline(RunningTime.nanos() + duration.toNanos());
    }

    /** So long from a reading of {@link System#nanoTime} that was taken just now. */
    public static Deadline in(Duration duration, long startedNanos) {
        return new Deadline(RunningTime.at(startedNanos) + duration.toNanos());
    }

    /** What is left, never negative. */
    public long remainingNanos() {
        return Math.max(0, atNanos - RunningTime.nanos());
    }

    /** Whether nothing is left. */
    public boolean isPast() {
        return remainingNanos() == 0;
    }

    /** The earlier of this and {@code duration} from now. */
    public Deadline atMost(Duration duration) {
        long other = RunningTime.nanos() + duration.toNanos();
        return other - atNanos < 0 ? new Deadline(other) : this;
    }

    /** Waits for a lock, a permit or the like no longer than this; false when it did not come. */
    public boolean await(RunningTime.Wait wait) throws InterruptedException {
        return RunningTime.await(wait, remainingNanos());
    }

    /** What a future comes to, waited for no longer than this. */
    public <T> T await(Future<T> future) throws ExecutionException, TimeoutException, InterruptedException {
        return RunningTime.await(future, remainingNanos());
    }
}
