package io.tunabledb.jdbc.pool;

import io.tunabledb.engine.client.Session;
import io.tunabledb.jdbc.connection.SessionConnection;
import io.tunabledb.jdbc.session.Lender;
import io.tunabledb.jdbc.session.SharedSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import javax.sql.PooledConnection;
import javax.sql.StatementEventListener;
import org.jspecify.annotations.Nullable;

/**
 * A session that a pool lends to one borrower after the other, each by a connection of his own. Between two of them it
 * becomes as new, except for the token that {@code tokenScope=datasource} shares.
 */
public final class PooledSession implements PooledConnection, Lender {

    private final Session session;
    private final String url;
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();

    /** The borrower's. */
    private final AtomicReference<@Nullable SessionConnection> lent = new AtomicReference<>();

    private final AtomicBoolean closed = new AtomicBoolean();

    public PooledSession(Session session, String url) {
        this.session = session;
        this.url = url;
    }

    /** The connection for the next borrower; the one before, if he has not closed his, is not told to the pool. */
    @Override
    public Connection getConnection() throws SQLException {
        if (closed.get() || !revoke()) {
            closed.set(true);
            throw SharedSession.closedError();
        }
        SessionConnection next = new SessionConnection(session, url, this);
        lent.set(next);
        return next;
    }

    /** Ends the loan; false when the session was lost in it, and ends by itself. */
    private boolean revoke() throws SQLException {
        SessionConnection last = lent.getAndSet(null);
        if (last == null) {
            return true;
        }
        last.close();
        return !last.shared().isLost();
    }

    @Override
    public void takeBack(Session back) throws SQLException {
        try {
            back.reset(null);
            back.setAutoCommit(true);
            if (back.isolation() != Connection.TRANSACTION_READ_COMMITTED) {
                back.setIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
            back.setReadOnly(false);
        } catch (SQLException e) {
            failed(e);
            throw e;
        }
    }

    @Override
    public void ended() {
        if (lent.getAndSet(null) != null) {
            tell(null, ConnectionEventListener::connectionClosed);
        }
    }

    @Override
    public void failed(SQLException failure) {
        tell(failure, ConnectionEventListener::connectionErrorOccurred);
    }

    private void tell(@Nullable SQLException failure, BiConsumer<ConnectionEventListener, ConnectionEvent> what) {
        ConnectionEvent event = new ConnectionEvent(this, failure);
        listeners.forEach(listener -> what.accept(listener, event));
    }

    /** Ends the session, also while it is lent. */
    @Override
    public void close() throws SQLException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        boolean ours = true;
        try {
            ours = revoke();
        } finally {
            if (ours) {
                session.close();
            }
        }
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    /** Nothing: statements are not pooled, so there is nothing to tell. */
    @Override
    public void addStatementEventListener(StatementEventListener listener) {}

    @Override
    public void removeStatementEventListener(StatementEventListener listener) {}
}
