package io.tunabledb.jdbc.statement;

import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.client.Session;
import io.tunabledb.jdbc.TunableStatement;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.contract.Wrapped;
import io.tunabledb.jdbc.session.NetworkTimeout;
import io.tunabledb.jdbc.session.OpenStatement;
import io.tunabledb.jdbc.session.SharedSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a session: it takes turns with the other users of the session, and is closed with it.
 */
abstract class SessionStatement implements TunableStatement, OpenStatement {

    private final Connection connection;
    private final SharedSession shared;

    private volatile boolean closed;

    SessionStatement(Connection connection, SharedSession shared) {
        this.connection = connection;
        this.shared = shared;
    }

    /** The prepared text to cancel, to configure and to close; null before the first execution. Read by any thread. */
    abstract @Nullable PreparedText text();

    /** Closes what the last execution left open; its receipt stays. */
    abstract void releaseResults() throws SQLException;

    // ---- turns

    /** Begins to use the session; {@link #leave} must follow. */
    final Session enter() throws SQLException {
        shared.lock();
        if (closed) {
            shared.leave();
            throw Misuse.closed();
        }
        try {
            return shared.session();
        } catch (SQLException e) {
            shared.leave();
            throw e;
        }
    }

    final void leave() {
        shared.leave();
    }

    /** Makes a request between {@link #enter} and {@link #leave}; 08006 when no reply comes in time. */
    final <T> T within(NetworkTimeout.Request<T> request) throws SQLException {
        return shared.within(request);
    }

    /** Asks its session between {@link #enter} and {@link #leave}. */
    public final <T> T asked(SharedSession.Question<T> question) throws SQLException {
        Session session = enter();
        try {
            return within(() -> question.of(session));
        } finally {
            leave();
        }
    }

    final void requireOpen() throws SQLException {
        if (closed) {
            throw Misuse.closed();
        }
    }

    /** Also when this is closed. */
    final Connection connection() {
        return connection;
    }

    final SharedSession shared() {
        return shared;
    }

    // ---- the end

    @Override
    public final void close() throws SQLException {
        shared.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            shared.forget(this);
            if (shared.isLost()) {
                return;
            }
            try {
                releaseResults();
            } finally {
                PreparedText text = text();
                if (text != null) {
                    text.close();
                }
            }
        } finally {
            shared.leave();
        }
    }

    @Override
    public final boolean isClosed() {
        return closed;
    }

    /** From any thread, and while another one executes: it takes no lock. */
    @Override
    public final void cancel() throws SQLException {
        requireOpen();
        cancelRunning();
    }

    @Override
    public final void cancelRunning() {
        PreparedText text = text();
        if (text != null) {
            text.cancel();
        }
    }

    // ---- names and wrappers

    @Override
    public final Connection getConnection() throws SQLException {
        requireOpen();
        return connection;
    }

    @Override
    public final String enquoteIdentifier(String identifier, boolean alwaysQuote) throws SQLException {
        requireOpen();
        Objects.requireNonNull(identifier, "identifier"); // as java.sql.Statement says
        return asked(session -> session.dialect().enquoteIdentifier(identifier, alwaysQuote));
    }

    @Override
    public final boolean isSimpleIdentifier(String identifier) throws SQLException {
        requireOpen();
        Objects.requireNonNull(identifier, "identifier"); // as java.sql.Statement says
        return asked(session -> session.dialect().isSimpleIdentifier(identifier));
    }

    @Override
    public final <T> T unwrap(Class<T> type) throws SQLException {
        return Wrapped.unwrap(this, type);
    }

    @Override
    public final boolean isWrapperFor(@Nullable Class<?> type) {
        return Wrapped.is(this, type);
    }
}
