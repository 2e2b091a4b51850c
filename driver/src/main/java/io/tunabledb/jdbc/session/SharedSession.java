package io.tunabledb.jdbc.session;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.client.Session;
import io.tunabledb.engine.client.Translator;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The session behind a connection, shared by all threads that use it: they take turns, and none waits for a reply longer
 * than the network timeout. Only cancel, abort and what knows nothing of the session go past the turns.
 */
public final class SharedSession {

    /** Something asked of the session. */
    public interface Question<T> {
        T of(Session session) throws SQLException;
    }

    /** Something told to the session. */
    public interface Order {
        void to(Session session) throws SQLException;
    }

    /** The class of SQLSTATEs after which a connection can't be relied on. */
    private static final String CONNECTION_LOST = "08";

    private final Session session;
    private final Lender lender;
    private final ReentrantLock lock = new ReentrantLock();
    private final NetworkTimeout timeout;

    /**
     * The open ones, guarded by itself; weak, because many programs leave closing to the garbage collector.
     */
    private final Set<OpenStatement> statements = Collections.newSetFromMap(new WeakHashMap<>());

    private volatile boolean closed;
    /** A request was given up; when it is over the session is closed. */
    private volatile boolean givenUp;

    private volatile boolean aborted;

    public SharedSession(Session session, Lender lender) {
        this.session = session;
        this.lender = lender;
        timeout = new NetworkTimeout(this::giveUp, session::close);
    }

    // ---- turns

    /** Waits for the other threads that use this connection; {@link #leave} must follow. */
    public void lock() {
        lock.lock();
    }

    /** Begins to use the session; {@link #leave} must follow, unless this throws. */
    Session enter() throws SQLException {
        lock();
        if (closed) {
            leave();
            throw closedError();
        }
        return session;
    }

    public void leave() {
        lock.unlock();
    }

    /** The session, or 08003 when it is closed. */
    public Session session() throws SQLException {
        if (closed) {
            throw closedError();
        }
        return session;
    }

    public static SQLException closedError() {
        return Errors.of(SqlState.CONNECTION_CLOSED, "The connection is closed");
    }

    /** Looks up what the session knows by itself. */
    public <T> T look(Question<T> question) throws SQLException {
        Session open = enter();
        try {
            return question.of(open);
        } catch (SQLException | RuntimeException e) {
            throw session.translator().translate(e);
        } finally {
            leave();
        }
    }

    /** Asks, and waits for the reply no longer than the network timeout. */
    public <T> T ask(Question<T> question) throws SQLException {
        Session open = enter();
        try {
            return within(() -> question.of(open));
        } finally {
            leave();
        }
    }

    /** Tells, and waits until it is done no longer than the network timeout. */
    public void tell(Order order) throws SQLException {
        var unused = ask(open -> {
            order.to(open);
            return true;
        });
    }

    /** Makes a request between {@link #enter} and {@link #leave}, and waits for it no longer than the network timeout. */
    public <T> T within(NetworkTimeout.Request<T> request) throws SQLException {
        try {
            return timeout.within(request);
        } catch (SQLException | RuntimeException | Error e) {
            SQLException told = session.translator().translate(e);
            String state = told.getSQLState();
            if (state != null && state.startsWith(CONNECTION_LOST)) {
                lender.failed(told);
            }
            throw told;
        }
    }

    public NetworkTimeout timeout() {
        return timeout;
    }

    /** What failures of this session become. */
    public Translator translator() {
        return session.translator();
    }

    // ---- statements

    public <T extends OpenStatement> T remember(T statement) {
        synchronized (statements) {
            statements.add(statement);
        }
        return statement;
    }

    /** No longer closes {@code statement} with the session. */
    public void forget(OpenStatement statement) {
        synchronized (statements) {
            statements.remove(statement);
        }
    }

    private List<OpenStatement> openStatements() {
        synchronized (statements) {
            return List.copyOf(statements);
        }
    }

    // ---- the end

    public boolean isClosed() {
        return closed;
    }

    /** Whether the session must not be touched, nor closed: a request runs on its own, and it is closed after that. */
    public boolean isLost() {
        return givenUp || aborted;
    }

    private boolean giveUp() {
        givenUp = true;
        closed = true;
        return session.giveUp();
    }

    /** Cancels what runs, closes the statements, rolls back what is open, and gives the session back. */
    public void close() throws SQLException {
        if (closed) {
            return;
        }
        cancelAll();
        lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                closeStatements();
            } finally {
                lender.takeBack(session);
            }
        } finally {
            leave();
        }
        lender.ended();
    }

    /** Cancels what runs; {@code executor} does the rest of {@link #close} when that is over. */
    public void abort(Executor executor) {
        if (closed) {
            return;
        }
        aborted = true;
        closed = true;
        lender.failed(closedError());
        cancelAll();
        executor.execute(() -> {
            // a transaction that is being committed belongs to the log until its outcome is known
            lock();
            try {
                if (!givenUp) {
                    session.close();
                }
            } finally {
                leave();
            }
        });
    }

    private void cancelAll() {
        for (OpenStatement statement : openStatements()) {
            statement.cancelRunning();
        }
    }

    private void closeStatements() throws SQLException {
        SQLException failure = null;
        for (OpenStatement statement : openStatements()) {
            try {
                statement.close();
            } catch (SQLException e) {
                failure = chain(failure, e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static SQLException chain(@Nullable SQLException first, SQLException next) {
        if (first == null) {
            return next;
        }
        first.setNextException(next);
        return first;
    }
}
