package io.tunabledb.engine.shard.fresh;

import io.tunabledb.engine.clock.Deadline;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How far each node's outbox has been carried out as far as this replica has applied, and who waits for more. A mark is
 * raised between {@code applying} and {@code applied} of its entry, so who has waited for one notes {@code applying}.
 */
public final class OutboxMarks {
    private final Map<Long, Long> numbers = new HashMap<>();

    public synchronized void reset(Map<Long, Long> marks) {
        numbers.clear();
        numbers.putAll(marks);
        notifyAll();
    }

    public synchronized void raise(long incarnation, long number) {
        numbers.merge(incarnation, number, Math::max);
        notifyAll();
    }

    public synchronized long of(long incarnation) {
        return numbers.getOrDefault(incarnation, 0L);
    }

    /** Waits for a number; false when the deadline came first. */
    public synchronized boolean await(long incarnation, long number, Deadline deadline) throws InterruptedException {
        while (of(incarnation) < number) {
            long left = deadline.remainingNanos();
            if (left == 0) {
                return false;
            }
            // rounded up: a wait of no milliseconds is one without end
            TimeUnit.MILLISECONDS.timedWait(this, left / 1_000_000 + 1);
        }
        return true;
    }
}
