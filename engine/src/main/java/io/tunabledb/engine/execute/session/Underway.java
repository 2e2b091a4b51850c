package io.tunabledb.engine.execute.session;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.h2.sql.SqlErrors;
import java.sql.SQLException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a session is carrying out now, for whoever wants it to end. A cancel holds until that has ended: the owner looks
 * before each step, its waits are interrupted, and what storage runs is told again and again, because storage forgets a
 * cancel that reaches it between two statements. What is proposed before it was stopped is the log's; nothing is proposed
 * afterwards: {@link #propose} and {@link #giveUp} take the same lock, so one of them comes first.
 */
public final class Underway {
    private static final int AGAIN_MILLIS = 20;
    /** Its work is short, and none waits. */
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Runnable storage;
    private final BooleanSupplier isClosed;

    // all guarded by this
    private int depth;
    private long number;
    private boolean givenUp;
    private boolean proposed;
    /** What is proposed and not decided yet; null for nothing. */
    private @Nullable InFlight inFlight;
    /** Whether that is the first thing proposed of what is under way. */
    private boolean isFirstInFlight;
    /** How many works of others' it is finishing. */
    private int aside;
    /** How many times it is taking back what it has done. Written under the lock. */
    private volatile int undoing;

    private @Nullable Thread waiting;
    private boolean interrupted;
    private @Nullable Future<?> timeout;
    /** Written under the lock; the owner reads it often. */
    private volatile boolean stopped;

    /**
     * The work of one session.
     *
     * @param storage cancels what runs in storage for it; called by any thread, and more than once
     * @param isClosed whether there is no database any more, as when the JVM ends: then nothing goes on
     */
    Underway(Runnable storage, BooleanSupplier isClosed) {
        this.storage = storage;
        this.isClosed = isClosed;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "tunabledb-cancel");
            thread.setDaemon(true);
            // else the application whose thread was the first to come here could never be unloaded
            thread.setContextClassLoader(Underway.class.getClassLoader());
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    /** What is thrown when memory has ended in what is under way: no thread of anybody's ends with it. */
    public SQLException outOfMemory(OutOfMemoryError e) {
        return isProposed()
                ? Errors.of(
                        SqlState.OUTCOME_UNKNOWN,
                        "memory ended when the write was proposed already: it may take effect or not; look before you"
                                + " repeat it",
                        e)
                : SqlErrors.outOfMemory(e);
    }

    /** The owner begins to carry something out; {@link #end} must follow. What that calls may begin and end again. */
    public synchronized void begin() {
        if (depth++ == 0) {
            number++;
            stopped = givenUp;
            proposed = false;
            inFlight = null;
        }
    }

    /** The same, cancelled by itself after so many milliseconds; 0 means never. */
    public synchronized void begin(long timeoutMillis) {
        begin();
        if (timeoutMillis > 0 && depth == 1) {
            long limited = number;
            long untilNanos = RunningTime.nanos() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            timeout = TIMER.schedule(() -> stopAt(untilNanos, limited), timeoutMillis, TimeUnit.MILLISECONDS);
        }
    }

    /** A pause of the process has run nothing out. */
    private void stopAt(long untilNanos, long which) {
        long left = untilNanos - RunningTime.nanos();
        synchronized (this) {
            if (depth == 0 || number != which) {
                return;
            }
            if (left > 0) {
                timeout = TIMER.schedule(() -> stopAt(untilNanos, which), left, TimeUnit.NANOSECONDS);
                return;
            }
        }
        stop(which);
    }

    /** It has ended, one way or the other. */
    public synchronized void end() {
        depth--;
        Future<?> limit = timeout;
        if (depth == 0 && limit != null) {
            limit.cancel(false);
            timeout = null;
        }
    }

    /** The next statement of a text begins: what was proposed of those before it is theirs. */
    public synchronized void next() throws SQLException {
        proposed = false;
        requireGoingOn();
    }

    private synchronized long current() {
        return number;
    }

    /** Makes what is under way end soon, with 57014, or with 08007 when it is proposed. From any thread. */
    public void cancel() {
        stop(current());
    }

    private void stop(long which) {
        boolean isUndone;
        synchronized (this) {
            if (depth == 0 || number != which) {
                return;
            }
            stopped = true;
            isUndone = undoing > 0;
            if (!isUndone) {
                wake();
            }
        }
        if (!isUndone) {
            storage.run();
        }
        var unused = TIMER.schedule(() -> stop(which), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Guarded by this. */
    private void wake() {
        if (waiting != null && !interrupted) {
            interrupted = true;
            waiting.interrupt();
        }
    }

    /**
     * The owner's caller waits no longer and has closed the session; what is not proposed by now never takes effect. From
     * any thread.
     *
     * @return whether something is proposed, whose outcome is not known then
     */
    public boolean giveUp() {
        long which;
        InFlight last;
        boolean isFirst;
        synchronized (this) {
            givenUp = true;
            stopped = true;
            last = depth > 0 && proposed ? inFlight : null;
            isFirst = isFirstInFlight;
            if (depth > 0 && proposed && last == null) {
                // the log's by now; its owner waits on until it knows, so that nothing of it is left behind
                return true;
            }
            which = number;
        }
        if (last != null && !(last.giveUp() && isFirst)) {
            return true;
        }
        stop(which);
        return false;
    }

    /** What is being proposed, for whoever gives it up. */
    @FunctionalInterface
    public interface InFlight {
        /**
         * Undoes it, if it is not the log's yet; if it is, whoever reads at LINEARIZABLE from now on waits for its fate. From any
         * thread.
         *
         * @return whether it is certain that it takes no effect
         */
        boolean giveUp();
    }

    /**
     * By the owner, before something is proposed to a log; {@link #landed} must follow.
     *
     * @param toTheEnd whether it is finished whoever began it, like a schema change
     * @return whether it is the first thing of what is under way, to be {@link #withdraw withdrawn} when it turns out not
     *     to be committed
     * @throws SQLException 57014 when it was stopped before. What has begun to be proposed goes on to its end when it is
     *     cancelled; not when it is given up, or more of it would take effect after its caller has looked
     */
    public boolean propose(InFlight what, boolean toTheEnd) throws SQLException {
        synchronized (this) {
            boolean isFirst = !proposed;
            if (undoing > 0 || (isFirst ? !stopped : toTheEnd || !givenUp || aside > 0)) {
                proposed = true;
                inFlight = what;
                isFirstInFlight = isFirst;
                return isFirst;
            }
        }
        throw stoppedError();
    }

    /** Its owner knows what became of the last thing proposed, or has told that nobody does. */
    public synchronized void landed() {
        inFlight = null;
    }

    /** Whether something is proposed whose outcome is not known. */
    public synchronized boolean isProposed() {
        return proposed;
    }

    /** What was proposed first is certainly not committed. */
    public synchronized void withdraw() {
        proposed = false;
    }

    /** What is proposed meanwhile is not the statement's, and is carried through: another's work that was left half done. */
    public void aside(Work work) throws SQLException {
        boolean before;
        synchronized (this) {
            before = proposed;
            proposed = true;
            aside++;
        }
        try {
            work.run();
        } finally {
            synchronized (this) {
                proposed = before;
                aside--;
            }
        }
    }

    /**
     * Takes back what the statement has done: a cancel does not reach that, and it is bounded by its own deadlines. Where it
     * ends well nothing of the statement takes effect.
     */
    public void undo(Work work) throws SQLException {
        synchronized (this) {
            undoing++;
        }
        try {
            work.run();
        } finally {
            synchronized (this) {
                undoing--;
            }
        }
        withdraw();
    }

    /** Something that may fail. */
    @FunctionalInterface
    public interface Work {
        void run() throws SQLException;
    }

    /** Fails with 57014 when its caller waits no longer. */
    public synchronized void requireNotGivenUp() throws SQLException {
        if (givenUp) {
            throw stoppedError();
        }
    }

    /** Whether it shall end. */
    public boolean isStopped() {
        return (stopped && undoing == 0) || isClosed.getAsBoolean();
    }

    /** Fails with 57014 when it shall end and nothing of it is proposed, with 08003 when there is no database any more. */
    public void requireGoingOn() throws SQLException {
        if (isClosed.getAsBoolean()) {
            throw Errors.of(SqlState.CONNECTION_CLOSED, "the database is closed; open a new connection");
        }
        if (stopped && undoing == 0) {
            synchronized (this) {
                if (proposed) {
                    return;
                }
            }
            throw stoppedError();
        }
    }

    private static SQLException stoppedError() {
        return Errors.of(SqlState.CANCELLED, "the statement was cancelled before it took effect");
    }

    /** The calling thread starts to wait; a cancel, one that came before too, interrupts it until {@link #endWait}. */
    synchronized void beginWait() {
        waiting = Thread.currentThread();
        interrupted = false;
        if (stopped && depth > 0 && undoing == 0) {
            wake();
        }
    }

    /** Ends it; true when it was cancelled, and then the thread's interrupt, which was ours, is cleared. */
    synchronized boolean endWait() {
        boolean isOurs = waiting != null && interrupted;
        if (isOurs) {
            Thread.interrupted();
        }
        waiting = null;
        interrupted = false;
        return isOurs;
    }
}
