package io.tunabledb.engine.h2.ddl.change;

import io.tunabledb.engine.clock.RunningTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How often a storage's schema was changed, and by what last. Two threads meet here: the apply thread holds it while it
 * changes the schema, and who copies the schema holds it meanwhile, so no copy is of half a change.
 */
public final class SchemaVersion {
    private final ReentrantLock lock = new ReentrantLock();
    private long number;
    private @Nullable SchemaChange last;

    /** The apply thread begins to change the schema. */
    public void begin() {
        lock.lock();
    }

    /**
     * The apply thread has changed it.
     *
     * @param executed what succeeded; null when something failed, or nobody knows
     */
    public void end(@Nullable SchemaChange executed) {
        number++;
        last = executed;
        lock.unlock();
    }

    /**
     * Keeps the schema as it is until {@link #release}.
     *
     * @throws TimeoutException it is being changed for all the time
     */
    public void hold(Duration patience) throws InterruptedException, TimeoutException {
        if (!RunningTime.await(nanos -> lock.tryLock(nanos, TimeUnit.NANOSECONDS), patience.toNanos())) {
            throw new TimeoutException("another schema change is being executed");
        }
    }

    public void release() {
        lock.unlock();
    }

    /** Counts the changes. By who holds it. */
    public long number() {
        return number;
    }

    /** What changed it last; null when that failed. By who holds it. */
    @Nullable
    public SchemaChange last() {
        return last;
    }
}
