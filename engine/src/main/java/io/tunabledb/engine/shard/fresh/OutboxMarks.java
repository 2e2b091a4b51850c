package io.tunabledb.engine.shard.fresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How far each node's outbox has been carried out as far as this replica has applied, and who waits for more. A mark is
 * raised between {@code applying} and {@code applied} of its entry, so who has waited for one notes {@code applying}.
 */
public final class OutboxMarks {
    private record Waiter(long incarnation, long number, CompletableFuture<@Nullable Void> reached) {}

    private final Map<Long, Long> numbers = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();

    /** All of them at once, after a snapshot replaced all state. */
    public void reset(Map<Long, Long> marks) {
        synchronized (this) {
            numbers.clear();
            numbers.putAll(marks);
        }
        wake();
    }

    public void raise(long incarnation, long number) {
        synchronized (this) {
            numbers.merge(incarnation, number, Math::max);
            if (waiters.isEmpty()) {
                return;
            }
        }
        wake();
    }

    public synchronized long of(long incarnation) {
        return numbers.getOrDefault(incarnation, 0L);
    }

    /** Completes when a number is reached, or the time is up: whoever asked looks which. */
    public CompletableFuture<@Nullable Void> reached(long incarnation, long number, Duration within) {
        Waiter waiter = new Waiter(incarnation, number, new CompletableFuture<>());
        synchronized (this) {
            if (within.isZero() || of(incarnation) >= number) {
                return CompletableFuture.completedFuture(null);
            }
            waiters.add(waiter);
        }
        return waiter.reached
                .completeOnTimeout(null, within.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((done, failure) -> forget(waiter));
    }

    private synchronized void forget(Waiter waiter) {
        waiters.remove(waiter);
    }

    /** Outside of the monitor: what is told may ask again. */
    private void wake() {
        List<Waiter> due;
        synchronized (this) {
            due = waiters.stream()
                    .filter(waiter -> of(waiter.incarnation) >= waiter.number)
                    .toList();
        }
        due.forEach(waiter -> waiter.reached.complete(null));
    }
}
