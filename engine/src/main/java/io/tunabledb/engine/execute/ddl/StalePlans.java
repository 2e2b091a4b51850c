package io.tunabledb.engine.execute.ddl;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.execute.session.Refusals;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StalePlanException;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How long one statement is planned again and again because its tables change shards: as long as a statement waits for
 * anything. The session that was moving them may be gone in the middle; then the statement sees to it that they arrive.
 */
public final class StalePlans {
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final SessionState state;
    private final SchemaChanges changes;
    private @Nullable Deadline deadline;
    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    public StalePlans(SessionState state, SchemaChanges changes) {
        this.state = state;
        this.changes = changes;
    }

    /**
     * Returns when it is time to plan again.
     *
     * @throws SQLException {@code e}, when the time is up; 57014 when the wait was cancelled
     */
    public void waitAfter(StalePlanException e) throws SQLException {
        Deadline until = deadline;
        if (until == null) {
            until = Deadline.in(state.consistencyTimeout());
            deadline = until;
        }
        if (until.isPast()) {
            throw e;
        }
        changes.finishAbandoned();
        pause();
    }

    private void pause() throws SQLException {
        state.beginWait();
        LockSupport.parkNanos(pauseNanos);
        pauseNanos = Math.min(LONGEST_PAUSE_NANOS, 2 * pauseNanos);
        boolean isInterrupted = Thread.currentThread().isInterrupted();
        if (state.endWait()) {
            throw Refusals.cancelledWhileMoving();
        }
        if (isInterrupted) {
            throw Refusals.interrupted(new InterruptedException());
        }
    }
}
