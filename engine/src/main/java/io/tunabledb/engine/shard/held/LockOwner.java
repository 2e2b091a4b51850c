package io.tunabledb.engine.shard.held;

import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whose locks they are: a client's transaction, in all the shards it has a part in. The younger of two is the greater one.
 *
 * @param session the client session's
 * @param number tells it from the session's other transactions
 * @param sinceMillis when it began, on the clock of the node it came to; one that is run again by itself keeps it. It only
 *     ranks, to choose who gives way
 */
public record LockOwner(long session, long number, long sinceMillis) implements Comparable<LockOwner> {
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final Comparator<LockOwner> BY_AGE = Comparator.comparingLong(LockOwner::sinceMillis)
            .thenComparingLong(LockOwner::session)
            .thenComparingLong(LockOwner::number);

    /** A transaction that begins now. */
    public static LockOwner now(long session) {
        return since(session, System.currentTimeMillis());
    }

    /** A transaction whose first try began then. */
    public static LockOwner since(long session, long millis) {
        return new LockOwner(session, NUMBERS.incrementAndGet(), millis);
    }

    @Override
    public int compareTo(LockOwner other) {
        return BY_AGE.compare(this, other);
    }
}
