package io.tunabledb.engine.execute.session;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.cut.CutRefusedException;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.message.Message;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session asks other nodes, from where it sits. */
public final class Asking {
    private static final Logger LOG = LoggerFactory.getLogger(Asking.class);

    /** The node asked says when its time is over; the asker, which waits for that, waits longer. */
    private static final Duration LATE = Duration.ofSeconds(1);

    private Asking() {}

    /** Asks without waiting; as {@link io.tunabledb.engine.message.Carrier#ask} does. */
    public static <A> CompletableFuture<A> ask(SessionState state, int node, Message<A> message) {
        return state.cluster().carrier().ask(state.home(), node, message);
    }

    /**
     * What a node answers, which says itself when it can't by the message's own time.
     *
     * @throws SQLException the node's own error
     * @throws IOException a message was lost, or none came a while after that time: what was asked may have been done
     */
    public static <A> A answer(SessionState state, int node, Message<A> message, Duration within)
            throws SQLException, IOException {
        Deadline deadline = Deadline.in(within.plus(LATE));
        try {
            return deadline.await(ask(state, node, message));
        } catch (TimeoutException e) {
            throw new IOException("n" + node + " has not answered within " + within.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while n" + node + " was being asked", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof SQLException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException("n" + node + " has not answered: " + cause, e);
        }
    }

    /**
     * What a node answers; null when it does not by the deadline, when a message was lost on the way, or when it is not the one
     * to say it: another replica may be asked, or the same one again.
     */
    public static <A> @Nullable A orNull(SessionState state, int node, Message<A> message, Deadline deadline)
            throws InterruptedException {
        try {
            return deadline.await(ask(state, node, message));
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            boolean isExpected = cause instanceof IOException
                    || cause instanceof NotLeaderException
                    || cause instanceof CutRefusedException;
            if (!isExpected && cause instanceof RuntimeException failure) {
                throw failure;
            }
            LOG.debug("n{} does not answer {}", node, message, e);
            return null;
        }
    }
}
