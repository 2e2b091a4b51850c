package io.tunabledb.jdbc;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.Call;
import io.tunabledb.engine.Session;
import io.tunabledb.engine.api.Result;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What statements with and without parameters have in common: the settings, and the results of the last
 * execution.
 */
abstract class CallStatement implements TunableStatement {

    /** What H2 answers when nothing was set. */
    private static final int DEFAULT_FETCH_SIZE = 100;

    private final SessionConnection connection;
    private final SharedSession shared;
    private final Cursor cursor;

    private volatile boolean closed;
    private boolean closeOnCompletion;
    private boolean escapeProcessing = true;
    private long maxRows;
    private int queryTimeoutSeconds;
    private int fetchSize = DEFAULT_FETCH_SIZE;

    private @Nullable ReadResultSet current;
    private @Nullable ReadResultSet keys;
    /** 0 before the first execution, as in H2. */
    private long updateCount;

    private volatile @Nullable Receipt receipt;
    private @Nullable SQLWarning warning;

    CallStatement(SessionConnection connection, Cursor cursor) {
        this.connection = connection;
        this.shared = connection.shared();
        this.cursor = cursor;
    }

    /**
     * The call to cancel, to configure and to close; null when nothing was executed yet. Read by any thread.
     */
    abstract @Nullable Call call();

    // ---- what the statements build on

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

    final void requireOpen() throws SQLException {
        if (closed) {
            throw Misuse.closed();
        }
    }

    final SessionConnection connection() {
        return connection;
    }

    final Cursor cursor() {
        return cursor;
    }

    final boolean escapeProcessing() {
        return escapeProcessing;
    }

    /** Tells a call what this statement was told. */
    final void configure(Call call) throws SQLException {
        if (maxRows != 0) {
            call.setMaxRows(maxRows);
        }
        if (queryTimeoutSeconds != 0) {
            call.setQueryTimeout(queryTimeoutSeconds);
        }
    }

    /** Closes what the last execution left open. */
    final void dropResults() throws SQLException {
        ReadResultSet oldRows = current;
        ReadResultSet oldKeys = keys;
        current = null;
        keys = null;
        updateCount = -1;
        receipt = null;
        warning = null;
        if (oldRows != null) {
            oldRows.release();
        }
        if (oldKeys != null) {
            oldKeys.release();
        }
    }

    /** Takes over what an execution gave. */
    final void accept(Result result) {
        receipt = result.receipt();
        warning = result.warning();
        ResultSet rows = result.rows();
        if (rows != null) {
            current = cursor.updatable() ? new UpdatableResultSet(this, rows) : new StatementResultSet(this, rows);
            return;
        }
        updateCount = result.count();
        ResultSet generated = result.keys();
        if (generated != null) {
            keys = new StatementResultSet(this, generated);
        }
    }

    /** Takes over the keys of a batch. */
    final void acceptKeys(ReadResultSet generated) {
        keys = generated;
    }

    /** Takes over a result that must be rows. */
    final ResultSet acceptRows(Result result) throws SQLException {
        accept(result);
        ReadResultSet rows = current;
        if (rows == null) {
            throw Misuse.notAQuery();
        }
        return rows;
    }

    /** Takes over a result that must be a count. */
    final long acceptCount(Result result) throws SQLException {
        accept(result);
        if (current != null) {
            dropResults();
            throw Misuse.isAQuery();
        }
        return updateCount;
    }

    /** Whether the last execution gave rows. */
    final boolean hasRows() {
        return current != null;
    }

    static int narrow(long count) {
        return count <= Integer.MAX_VALUE ? (int) count : SUCCESS_NO_INFO;
    }

    /** A dependent result set was closed by the user. */
    final void completed() throws SQLException {
        if (closeOnCompletion && isDone(current) && isDone(keys)) {
            close();
        }
    }

    private static boolean isDone(@Nullable ReadResultSet results) throws SQLException {
        return results == null || results.isClosed();
    }

    // ---- Statement

    @Override
    public final @Nullable Receipt receipt() {
        return receipt;
    }

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
            Receipt last = receipt;
            try {
                dropResults();
            } finally {
                receipt = last;
                Call call = call();
                if (call != null) {
                    call.close();
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
        Call call = call();
        if (call != null) {
            call.cancel();
        }
    }

    @Override
    public final @Nullable ResultSet getResultSet() throws SQLException {
        requireOpen();
        return current;
    }

    @Override
    public final int getUpdateCount() throws SQLException {
        return narrow(getLargeUpdateCount());
    }

    @Override
    public final long getLargeUpdateCount() throws SQLException {
        requireOpen();
        return updateCount;
    }

    @Override
    public final ResultSet getGeneratedKeys() throws SQLException {
        Session session = enter();
        try {
            if (keys == null) {
                keys = new StatementResultSet(this, within(() -> noRows(session)));
            }
            return keys;
        } finally {
            leave();
        }
    }

    /** As H2 gives it: without columns. */
    private static ResultSet noRows(Session session) throws SQLException {
        return session.scratch().createStatement().getGeneratedKeys();
    }

    @Override
    public final boolean getMoreResults() throws SQLException {
        return getMoreResults(CLOSE_CURRENT_RESULT);
    }

    @Override
    public final boolean getMoreResults(int what) throws SQLException {
        if (what != CLOSE_CURRENT_RESULT && what != CLOSE_ALL_RESULTS && what != KEEP_CURRENT_RESULT) {
            throw Misuse.invalid("current", what);
        }
        enter();
        try {
            if (what != KEEP_CURRENT_RESULT) {
                Receipt last = receipt;
                dropResults();
                receipt = last;
            }
            return false;
        } finally {
            leave();
        }
    }

    @Override
    public final @Nullable SQLWarning getWarnings() throws SQLException {
        requireOpen();
        return warning;
    }

    @Override
    public final void clearWarnings() throws SQLException {
        requireOpen();
        warning = null;
    }

    @Override
    public final Connection getConnection() throws SQLException {
        requireOpen();
        return connection;
    }

    @Override
    public final void closeOnCompletion() throws SQLException {
        requireOpen();
        closeOnCompletion = true;
    }

    @Override
    public final boolean isCloseOnCompletion() throws SQLException {
        requireOpen();
        return closeOnCompletion;
    }

    @Override
    public final void setMaxRows(int rows) throws SQLException {
        setLargeMaxRows(rows);
    }

    @Override
    public final void setLargeMaxRows(long rows) throws SQLException {
        requireOpen();
        if (rows < 0) {
            throw Misuse.invalid("maxRows", rows);
        }
        enter();
        try {
            maxRows = rows;
            Call call = call();
            if (call != null) {
                call.setMaxRows(rows);
            }
        } finally {
            leave();
        }
    }

    @Override
    public final int getMaxRows() throws SQLException {
        long rows = getLargeMaxRows();
        return rows <= Integer.MAX_VALUE ? (int) rows : 0;
    }

    @Override
    public final long getLargeMaxRows() throws SQLException {
        requireOpen();
        return maxRows;
    }

    /** In seconds; of this statement only, where H2 sets it for the whole connection. */
    @Override
    public final void setQueryTimeout(int seconds) throws SQLException {
        requireOpen();
        if (seconds < 0) {
            throw Misuse.invalid("seconds", seconds);
        }
        enter();
        try {
            queryTimeoutSeconds = seconds;
            Call call = call();
            if (call != null) {
                call.setQueryTimeout(seconds);
            }
        } finally {
            leave();
        }
    }

    @Override
    public final int getQueryTimeout() throws SQLException {
        requireOpen();
        return queryTimeoutSeconds;
    }

    /** A hint that nothing needs: rows are in this JVM already. */
    @Override
    public final void setFetchSize(int rows) throws SQLException {
        requireOpen();
        if (rows < 0 || (rows > 0 && maxRows > 0 && rows > maxRows)) {
            throw Misuse.invalid("rows", rows);
        }
        fetchSize = rows == 0 ? DEFAULT_FETCH_SIZE : rows;
    }

    @Override
    public final int getFetchSize() throws SQLException {
        requireOpen();
        return fetchSize;
    }

    @Override
    public final void setFetchDirection(int direction) throws SQLException {
        requireOpen();
    }

    @Override
    public final int getFetchDirection() throws SQLException {
        requireOpen();
        return ResultSet.FETCH_FORWARD;
    }

    @Override
    public final void setMaxFieldSize(int max) throws SQLException {
        requireOpen();
    }

    @Override
    public final int getMaxFieldSize() throws SQLException {
        requireOpen();
        return 0;
    }

    @Override
    public final void setCursorName(String name) throws SQLException {
        requireOpen();
    }

    @Override
    public final void setEscapeProcessing(boolean enable) throws SQLException {
        requireOpen();
        escapeProcessing = enable;
    }

    @Override
    public final int getResultSetType() throws SQLException {
        requireOpen();
        return cursor.type();
    }

    @Override
    public final int getResultSetConcurrency() throws SQLException {
        requireOpen();
        return cursor.updatable() ? ResultSet.CONCUR_UPDATABLE : ResultSet.CONCUR_READ_ONLY;
    }

    @Override
    public final int getResultSetHoldability() throws SQLException {
        requireOpen();
        return ResultSet.HOLD_CURSORS_OVER_COMMIT;
    }

    @Override
    public final void setPoolable(boolean poolable) {}

    @Override
    public final boolean isPoolable() {
        return false;
    }

    @Override
    public final String enquoteIdentifier(String identifier, boolean alwaysQuote) throws SQLException {
        requireOpen();
        Objects.requireNonNull(identifier, "identifier"); // as java.sql.Statement says
        return asked(h2 -> h2.enquoteIdentifier(identifier, alwaysQuote));
    }

    @Override
    public final boolean isSimpleIdentifier(String identifier) throws SQLException {
        requireOpen();
        Objects.requireNonNull(identifier, "identifier"); // as java.sql.Statement says
        return asked(h2 -> h2.isSimpleIdentifier(identifier));
    }

    /** A question of how SQL is written. */
    private interface Spelling<T> {
        T of(Statement h2) throws SQLException;
    }

    private <T> T asked(Spelling<T> spelling) throws SQLException {
        Session session = enter();
        try {
            return within(() -> {
                try (Statement h2 = session.scratch().createStatement()) {
                    return spelling.of(h2);
                }
            });
        } finally {
            leave();
        }
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
