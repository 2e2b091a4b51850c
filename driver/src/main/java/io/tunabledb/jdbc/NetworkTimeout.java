package io.tunabledb.jdbc;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how long a thread waits for a reply of the engine. Without a limit the thread carries its request out itself;
 * with one another thread does, so that the limit holds wherever the request is stuck. When it passes, the caller is told
 * by 08006, and the session is of no use any more: the request still runs in it.
 */
final class NetworkTimeout {

    /** One request to the engine. It must not wait for its connection's lock, which the caller holds. */
    interface Request<T> {
        T run() throws SQLException;
    }

    /** Each connection has one at most: after one that is given up there is no other. */
    private static final Executor CARRIERS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), NetworkTimeout::carrier);

    private final Runnable givenUp;
    private final Runnable afterwards;
    private volatile int millis;

    /**
     * {@code givenUp} is called by the thread that gives a request up, {@code afterwards} on another one when that
     * request has come to its end.
     */
    NetworkTimeout(Runnable givenUp, Runnable afterwards) {
        this.givenUp = givenUp;
        this.afterwards = afterwards;
    }

    private static Thread carrier(Runnable work) {
        Thread thread = new Thread(work, "tunabledb-request");
        thread.setDaemon(true);
        // else the application whose thread was the first to come here could never be unloaded
        thread.setContextClassLoader(NetworkTimeout.class.getClassLoader());
        return thread;
    }

    /** In milliseconds; 0 is no limit. */
    int millis() {
        return millis;
    }

    void set(int milliseconds) {
        millis = milliseconds;
    }

    /** Carries out {@code request}; 08006 when its reply does not come within the limit. */
    <T> T within(Request<T> request) throws SQLException {
        int limit = millis;
        if (limit == 0) {
            return request.run();
        }
        CarriedRequest<T> carried = new CarriedRequest<>(request, afterwards);
        CARRIERS.execute(carried);
        if (carried.isRepliedWithin(limit)) {
            return carried.reply();
        }
        givenUp.run();
        throw Errors.of(
                SqlState.CONNECTION_FAILED,
                "No reply within the network timeout of " + limit
                        + " ms, so the connection was closed. Whether what was"
                        + " asked took effect is not known: open a new connection and read before you repeat it, or allow"
                        + " more time with setNetworkTimeout (0 is no limit)");
    }
}
