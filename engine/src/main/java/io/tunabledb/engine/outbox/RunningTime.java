package io.tunabledb.engine.outbox;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits by time in which this JVM ran. An outbox depends on nobody else, so a wait that a stopped machine ran out says
 * nothing about it: a pause counts as no more than a look.
 */
final class RunningTime {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Who comes with no time left was held up on the way; what is asked for takes a moment only. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private RunningTime() {}

    static <T> T await(CompletableFuture<T> future, long nanos)
            throws ExecutionException, TimeoutException, InterruptedException {
        long left = Math.max(nanos, LEAST_NANOS);
        while (true) {
            long before = System.nanoTime();
            try {
                return future.get(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                left -= Math.min(System.nanoTime() - before, 2 * LOOK_NANOS);
                if (left <= 0) {
                    throw e;
                }
            }
        }
    }
}
