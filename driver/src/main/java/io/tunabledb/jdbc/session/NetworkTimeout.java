package io.tunabledb.jdbc.session;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Bounds how long a thread waits for a reply of the engine. Without a limit the thread carries its request out itself;
 * with one another thread does, so that the limit holds wherever the request is stuck. When it passes, the caller is told
 * by 08006, or 08007 when something is proposed, and the session is of no use any more: the request still runs in it, but
 * proposes nothing.
 */
public final class NetworkTimeout {

    /** One request to the engine. It must not wait for its connection's lock, which the caller holds. */
    public interface Request<T> {
        T run() throws SQLException;
    }

    /** Each connection has one at most; what is given up may go on for long, and its connection is soon replaced. */
    private static final int MOST_CARRIERS = 1_000;

    private static final Executor CARRIERS = new ThreadPoolExecutor(
            0, MOST_CARRIERS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), NetworkTimeout::carrier);

    private static final String ALLOW_MORE = ", or allow more time with setNetworkTimeout (0 is no limit)";

    private final Executor carriers;
    private final BooleanSupplier givenUp;
    private final Runnable afterwards;
    private volatile int millis;

    /**
     * {@code givenUp} is called by the thread that gives a request up, and says whether something of it is proposed; {@code afterwards} on another one when that
     * request has come to its end.
     */
    NetworkTimeout(BooleanSupplier givenUp, Runnable afterwards) {
        this(CARRIERS, givenUp, afterwards);
    }

    NetworkTimeout(Executor carriers, BooleanSupplier givenUp, Runnable afterwards) {
        this.carriers = carriers;
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
    public int millis() {
        return millis;
    }

    public void set(int milliseconds) {
        millis = milliseconds;
    }

    /** Carries out {@code request}; 08006 or 08007 when its reply does not come within the limit. */
    <T> T within(Request<T> request) throws SQLException {
        int limit = millis;
        if (limit == 0) {
            return request.run();
        }
        CarriedRequest<T> carried = new CarriedRequest<>(request, afterwards);
        try {
            carriers.execute(carried);
        } catch (RejectedExecutionException e) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "all " + MOST_CARRIERS
                            + " threads of this JVM that carry out requests under a network timeout are busy, so this"
                            + " one was not begun; wait for others, or set no network timeout (0)",
                    e);
        }
        if (carried.isRepliedWithin(limit)) {
            return carried.reply();
        }
        boolean isProposed = givenUp.getAsBoolean();
        throw isProposed
                ? Errors.of(
                        SqlState.OUTCOME_UNKNOWN,
                        noReply(limit)
                                + "It was proposed, so whether it takes effect is not known: open a new connection"
                                + " and read before you repeat it" + ALLOW_MORE)
                : Errors.of(
                        SqlState.CONNECTION_FAILED,
                        noReply(limit) + "Nothing of it was proposed, and nothing will be: of several statements in one"
                                + " text only those before it took effect. Open a new connection" + ALLOW_MORE);
    }

    private static String noReply(int limit) {
        return "No reply within the network timeout of " + limit + " ms, so the connection was closed. ";
    }
}
