package io.tunabledb.engine.h2.statement;

import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/**
 * A storage session's wait for a row that another transaction has locked, which another thread can end: H2 looks for no
 * cancel while it waits, but takes an interrupt for the lock timeout, and the statement fails with HYT00. H2's storage is
 * in memory and has no other use for an interrupt; one that comes when the wait is over is taken back by {@link #leave}.
 */
public final class RowWait {
    private final SessionLocal session;
    // both guarded by this
    private @Nullable Thread runner;
    private boolean interrupted;

    public RowWait(SessionLocal session) {
        this.session = session;
    }

    /** The calling thread is the one that runs the session's statements from now on. */
    public synchronized void enter() {
        runner = Thread.currentThread();
    }

    /** It runs none any more. */
    @SuppressWarnings("CheckReturnValue") // whether H2 has seen the interrupt makes no difference
    public synchronized void leave() {
        runner = null;
        if (interrupted) {
            interrupted = false;
            Thread.interrupted();
        }
    }

    /** Ends the wait; nothing happens when there is none. From any thread. */
    public synchronized void end() {
        Thread waiting = runner;
        if (waiting != null && session.getBlockingSessionId() != 0) {
            interrupted = true;
            waiting.interrupt();
        }
    }
}
