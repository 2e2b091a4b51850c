package io.tunabledb.engine.h2;

import io.tunabledb.engine.clock.RunningTime;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The copy of a storage's schema, without rows, that definitions are tried on. It is kept from one trial to the next: a
 * definition that was tried is in it already when the storage has executed it. After anything else it is made anew.
 *
 * <p>Two threads meet here. The apply thread says what it executes, and waits at most for a copy's script to be read. The
 * one that tries has the copy for itself.
 */
final class TrialSchema implements AutoCloseable {
    private final Storage storage;
    /** One trial at a time. */
    private final ReentrantLock trials = new ReentrantLock(true);
    /** Held by the apply thread while it changes the schema, and by who copies it: no copy is of half a change. */
    private final ReentrantLock schema = new ReentrantLock();
    /** Counts definitions executed. Guarded by {@link #schema}, as is the next. */
    private long version;

    private @Nullable Definition last;

    /** What follows is guarded by {@link #trials}, but that {@link #close} looks at the copy. */
    private volatile @Nullable Storage copy;

    private long copied;
    private @Nullable Definition tried;
    private int copies;
    private volatile boolean closed;

    TrialSchema(Storage storage) {
        this.storage = storage;
    }

    /** The apply thread begins to change the schema. */
    void begin() {
        schema.lock();
    }

    /**
     * The apply thread has changed it.
     *
     * @param executed what succeeded; null when something failed, or nobody knows
     */
    void end(@Nullable Definition executed) {
        version++;
        last = executed;
        schema.unlock();
    }

    /** Takes the right to try; false when others had it for all the time. */
    boolean enter(Duration patience) throws InterruptedException {
        return within(patience, trials);
    }

    void exit() {
        trials.unlock();
    }

    /**
     * The schema as it is, for one trial.
     *
     * @throws SQLException it can't be copied
     * @throws TimeoutException another schema change is being executed for all the time
     */
    Storage current(Duration patience) throws SQLException, IOException, InterruptedException, TimeoutException {
        Storage kept = isKept(patience) ? copy : null;
        if (kept != null) {
            tried = null;
            return kept;
        }
        forget();
        try (Pin pin = pin(patience)) {
            Storage made = new Trial(storage).copyOfSchema(pin);
            copies++;
            copy = made;
            if (closed) {
                // the storage was closed meanwhile, and saw no copy
                forget();
                throw new SQLException("the replica is closed");
            }
            return made;
        }
    }

    /** Whether the copy has what the storage has. */
    private boolean isKept(Duration patience) throws InterruptedException, TimeoutException {
        lock(patience);
        try {
            boolean isExecuted = tried == null ? version == copied : version == copied + 1 && tried.equals(last);
            copied = version;
            return isExecuted;
        } finally {
            schema.unlock();
        }
    }

    private Pin pin(Duration patience) throws SQLException, InterruptedException, TimeoutException {
        lock(patience);
        try {
            copied = version;
            return storage.pin();
        } finally {
            schema.unlock();
        }
    }

    private void lock(Duration patience) throws InterruptedException, TimeoutException {
        if (!within(patience, schema)) {
            throw new TimeoutException("another schema change is being executed");
        }
    }

    private static boolean within(Duration patience, ReentrantLock lock) throws InterruptedException {
        return RunningTime.await(nanos -> lock.tryLock(nanos, TimeUnit.NANOSECONDS), patience.toNanos());
    }

    /** Why the rules of sharding forbid a definition; null when they don't. */
    @Nullable
    DefinitionResult shardingRefusal(Definition definition) throws SQLException {
        return new Trial(storage).refusal(definition);
    }

    /**
     * What a definition comes to with the rows of the tables it concerns, or of all.
     *
     * @return null when there are more than {@code maxRows}
     */
    @Nullable
    DefinitionResult triedWithRows(Definition definition, boolean ofAll, long maxRows, Duration patience)
            throws SQLException {
        return storage.tryDefinition(definition, ofAll, maxRows, patience);
    }

    /** How often the schema was copied. */
    int copies() {
        return copies;
    }

    /** The copy has the definition. */
    void tried(Definition definition) {
        tried = definition;
    }

    /** The copy can't be trusted any more. */
    void forget() {
        Storage old = copy;
        copy = null;
        tried = null;
        if (old != null) {
            old.close();
        }
    }

    /** Does not wait for a trial: closing its copy makes that fail. */
    @Override
    public void close() {
        closed = true;
        Storage old = copy;
        if (old != null) {
            old.close();
        }
    }
}
