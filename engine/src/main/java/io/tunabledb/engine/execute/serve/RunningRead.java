package io.tunabledb.engine.execute.serve;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.h2.statement.TransactionTime;
import io.tunabledb.engine.message.ReadMessage.Statement;
import io.tunabledb.engine.shard.Reader;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A read of a session that sits elsewhere while it is carried out here, and its cancel: one that comes while it waits interrupts
 * the wait, one that comes while storage runs it is storage's, one that comes in between is met at the next look.
 */
final class RunningRead implements ReplicaRead.Caller {
    private static final Logger LOG = LoggerFactory.getLogger(RunningRead.class);

    private final long number;
    private final boolean hasQueryTimeout;
    private final TransactionTime time;
    private long epoch;

    // all guarded by this
    private @Nullable Thread waiting;
    private boolean cancelled;
    private boolean interrupted;
    private @Nullable Reader reader;

    RunningRead(long number, Statement statement) {
        this.number = number;
        this.hasQueryTimeout = statement.settings().stream()
                .anyMatch(text -> text.toUpperCase(Locale.ROOT).contains("QUERY_TIMEOUT"));
        this.time = TransactionTime.carried(statement.sharesTime(), statement.time());
    }

    /** Which of its side's it is. */
    long number() {
        return number;
    }

    /** What it has to wait for. */
    @FunctionalInterface
    interface Wait {
        boolean isOver() throws InterruptedException;
    }

    /**
     * Waits so that a cancel interrupts it.
     *
     * @throws InterruptedException it was cancelled, or somebody else wants the thread
     */
    boolean await(Wait wait) throws InterruptedException {
        synchronized (this) {
            if (cancelled) {
                throw new InterruptedException();
            }
            waiting = Thread.currentThread();
        }
        try {
            return wait.isOver();
        } finally {
            synchronized (this) {
                waiting = null;
                if (interrupted) {
                    // ours, and come too late for the wait perhaps
                    Thread.interrupted();
                }
            }
        }
    }

    /** From any thread, more than once. */
    void cancel() {
        Reader now;
        synchronized (this) {
            cancelled = true;
            if (waiting != null && !interrupted) {
                interrupted = true;
                waiting.interrupt();
            }
            now = reader;
        }
        try {
            if (now != null) {
                now.cancel();
            }
        } catch (SQLException e) {
            LOG.trace("it ended by itself meanwhile", e);
        }
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /** It has ended: a cancel must not meet what its reader runs next. */
    synchronized void end() {
        reader = null;
    }

    /** The highest epoch that its answer may tell of. */
    long epoch() {
        return epoch;
    }

    @Override
    public TransactionTime time() {
        return time;
    }

    @Override
    public synchronized void runsIn(Reader through) {
        reader = through;
    }

    @Override
    public synchronized void requireGoingOn() throws SQLException {
        if (cancelled) {
            throw Errors.of(SqlState.CANCELLED, "the statement was cancelled before it took effect");
        }
    }

    @Override
    public boolean hasQueryTimeout() {
        return hasQueryTimeout;
    }

    @Override
    public void sawEpoch(long seen) {
        epoch = Math.max(epoch, seen);
    }
}
