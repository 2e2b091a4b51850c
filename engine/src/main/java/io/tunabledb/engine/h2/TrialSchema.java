package io.tunabledb.engine.h2;

import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.h2.ddl.change.SchemaChange;
import io.tunabledb.engine.h2.ddl.change.SchemaChangeResult;
import io.tunabledb.engine.h2.ddl.change.SchemaVersion;
import io.tunabledb.engine.h2.snapshot.Pin;
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
 * The one that tries has the copy for itself; the apply thread waits at most for its script to be read ({@link SchemaVersion}).
 */
final class TrialSchema implements AutoCloseable {
    private final Storage storage;
    /** One trial at a time. */
    private final ReentrantLock trials = new ReentrantLock(true);

    private final SchemaVersion schema;

    /** What follows is guarded by {@link #trials}, but that {@link #close} looks at the copy. */
    private volatile @Nullable Storage copy;

    private long copied;
    private @Nullable SchemaChange tried;
    private int copies;
    private volatile boolean closed;

    /**
     * Of one storage.
     *
     * @param schema the storage's
     */
    TrialSchema(Storage storage, SchemaVersion schema) {
        this.storage = storage;
        this.schema = schema;
    }

    /** Takes the right to try; false when others had it for all the time. */
    boolean enter(Duration patience) throws InterruptedException {
        return RunningTime.await(nanos -> trials.tryLock(nanos, TimeUnit.NANOSECONDS), patience.toNanos());
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
        schema.hold(patience);
        try {
            boolean isExecuted = tried == null
                    ? schema.number() == copied
                    : schema.number() == copied + 1 && tried.equals(schema.last());
            copied = schema.number();
            return isExecuted;
        } finally {
            schema.release();
        }
    }

    private Pin pin(Duration patience) throws SQLException, InterruptedException, TimeoutException {
        schema.hold(patience);
        try {
            copied = schema.number();
            return storage.pin();
        } finally {
            schema.release();
        }
    }

    /** Why the rules of sharding forbid a definition; null when they don't. */
    @Nullable
    SchemaChangeResult shardingRefusal(SchemaChange definition) throws SQLException {
        return new Trial(storage).refusal(definition);
    }

    /**
     * What a definition comes to with the rows of the tables it concerns, or of all.
     *
     * @return null when there are more than {@code maxRows}
     */
    @Nullable
    SchemaChangeResult triedWithRows(SchemaChange definition, boolean ofAll, long maxRows, Duration patience)
            throws SQLException {
        return storage.trying().tryDefinition(definition, ofAll, maxRows, patience);
    }

    /** Whether its storage is. */
    boolean isClosed() {
        return closed;
    }

    /** How often the schema was copied. */
    int copies() {
        return copies;
    }

    /** The copy has the definition. */
    void tried(SchemaChange definition) {
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
