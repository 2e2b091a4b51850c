package io.tunabledb.jdbc.session;

import io.tunabledb.engine.clock.RunningTime;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request that another thread, the carrier, carries out while its caller waits. The caller may give it up; then the
 * carrier goes on to its end, whose outcome is not told.
 */
final class CarriedRequest<T> implements Runnable {

    private enum State {
        UNDER_WAY,
        REPLIED,
        GIVEN_UP
    }

    private final NetworkTimeout.Request<T> request;
    private final Runnable afterwards;

    // all guarded by this
    private State state = State.UNDER_WAY;
    private boolean interrupted;
    private @Nullable Thread carrier;
    private @Nullable T reply;
    private @Nullable Throwable failure;

    /** {@code afterwards} is run by the carrier when a request that was given up has come to its end. */
    CarriedRequest(NetworkTimeout.Request<T> request, Runnable afterwards) {
        this.request = request;
        this.afterwards = afterwards;
    }

    @Override
    public void run() {
        begin();
        T value = null;
        Throwable thrown = null;
        try {
            value = request.run();
        } catch (SQLException | RuntimeException | Error e) {
            thrown = e;
        }
        if (!end(value, thrown)) {
            afterwards.run();
        }
    }

    private synchronized void begin() {
        carrier = Thread.currentThread();
        if (interrupted) {
            carrier.interrupt();
        }
    }

    private synchronized boolean end(@Nullable T value, @Nullable Throwable thrown) {
        carrier = null;
        if (state == State.GIVEN_UP) {
            return false;
        }
        reply = value;
        failure = thrown;
        state = State.REPLIED;
        notifyAll();
        return true;
    }

    /** Waits; false when the time is over and the request thereby given up. An interrupt is handed to the carrier. */
    synchronized boolean isRepliedWithin(int millis) {
        long deadline = RunningTime.nanos() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (state == State.UNDER_WAY) {
            long left = deadline - RunningTime.nanos();
            if (left <= 0) {
                state = State.GIVEN_UP;
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                interrupted = true;
                if (carrier != null) {
                    carrier.interrupt();
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return state == State.REPLIED;
    }

    /** What came of it, once it has replied. */
    @SuppressWarnings("NullAway") // set when it has replied; JDBC has replies that are null
    synchronized T reply() throws SQLException {
        Throwable thrown = failure;
        if (thrown == null) {
            return reply;
        }
        // as if the caller had carried it out
        thrown.setStackTrace(Stream.of(thrown.getStackTrace(), new Throwable().getStackTrace())
                .flatMap(Stream::of)
                .toArray(StackTraceElement[]::new));
        if (thrown instanceof SQLException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        throw (RuntimeException) thrown;
    }
}
