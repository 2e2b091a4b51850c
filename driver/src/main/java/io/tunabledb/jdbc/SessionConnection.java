package io.tunabledb.jdbc;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Call;
import io.tunabledb.engine.CallOptions.Keys;
import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.Session;
import io.tunabledb.engine.monitor.SlaMonitor;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.ClientInfoStatus;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection: one session, one lock around it. Threads that share a connection take turns; only cancel and
 * abort go past the lock.
 */
final class SessionConnection extends UnsupportedConnection {

    /** How long isValid(0), which names no limit, may take. */
    private static final Duration LONGEST_VALIDATION = Duration.ofSeconds(30);

    private final Session session;
    private final String url;
    private final ReentrantLock lock = new ReentrantLock();
    private final ClientInfo clientInfo = new ClientInfo();

    /**
     * The open ones, guarded by itself; weak, because many programs leave closing to the garbage collector.
     */
    private final Set<CallStatement> statements = Collections.newSetFromMap(new WeakHashMap<>());

    private volatile boolean closed;
    private int holdability = ResultSet.HOLD_CURSORS_OVER_COMMIT;
    private int networkTimeoutMillis;
    private int nextSavepoint;
    /** What methods set last, as opposed to SQL. */
    private boolean chosenAutoCommit = true;

    private int chosenIsolation = TRANSACTION_READ_COMMITTED;
    private @Nullable String chosenSchema;

    SessionConnection(Session session, String url) {
        this.session = session;
        this.url = url;
    }

    // ---- what statements build on

    /** Waits for the other threads that use this connection; {@link #leave} must follow. */
    void lock() {
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

    void leave() {
        lock.unlock();
    }

    /** The session, or 08003 when this is closed. */
    Session session() throws SQLException {
        if (closed) {
            throw closedError();
        }
        return session;
    }

    private static SQLException closedError() {
        return Errors.of(SqlState.CONNECTION_CLOSED, "The connection is closed");
    }

    /** No longer closes {@code statement} when this closes. */
    void forget(CallStatement statement) {
        synchronized (statements) {
            statements.remove(statement);
        }
    }

    private <T extends CallStatement> T remember(T statement) {
        synchronized (statements) {
            statements.add(statement);
        }
        return statement;
    }

    private List<CallStatement> openStatements() {
        synchronized (statements) {
            return List.copyOf(statements);
        }
    }

    // ---- statements

    @Override
    public Statement createStatement() throws SQLException {
        session();
        return remember(new TextStatement(this, Cursor.FORWARD));
    }

    @Override
    public Statement createStatement(int type, int concurrency) throws SQLException {
        session();
        return remember(new TextStatement(this, Cursor.of(type, concurrency)));
    }

    @Override
    public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
        Cursor.requireHoldability(holdability);
        return createStatement(type, concurrency);
    }

    private PreparedStatement prepare(String sql, Cursor cursor, Keys keys) throws SQLException {
        return remember(new PreparedCall(this, cursor, sql, checked(sql, cursor, keys)));
    }

    private Call checked(String sql, Cursor cursor, Keys keys) throws SQLException {
        Session open = enter();
        try {
            Call call = open.prepare(Escapes.translate(open, sql, true), cursor.with(keys));
            call.check();
            return call;
        } finally {
            leave();
        }
    }

    private CallableStatement prepareCall(String sql, Cursor cursor) throws SQLException {
        return remember(new OutputCall(this, cursor, sql, checked(sql, cursor, Keys.NONE)));
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        return prepareCall(sql, Cursor.FORWARD);
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
        return prepareCall(sql, Cursor.of(type, concurrency));
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency, int holdability) throws SQLException {
        Cursor.requireHoldability(holdability);
        return prepareCall(sql, type, concurrency);
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return prepare(sql, Cursor.FORWARD, Keys.NONE);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency) throws SQLException {
        return prepare(sql, Cursor.of(type, concurrency), Keys.NONE);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
            throws SQLException {
        Cursor.requireHoldability(holdability);
        return prepareStatement(sql, type, concurrency);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        return prepare(sql, Cursor.FORWARD, Cursor.keys(autoGeneratedKeys));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return prepare(sql, Cursor.FORWARD, Cursor.keys(columnIndexes));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        return prepare(sql, Cursor.FORWARD, Cursor.keys(columnNames));
    }

    @Override
    public String nativeSQL(String sql) throws SQLException {
        Session open = enter();
        try {
            return Escapes.translate(open, sql, true);
        } finally {
            leave();
        }
    }

    /**
     * The same {@code value}, which is to be of a certain type; H2's error when it can't be. While no replica can be
     * reached that is left to the execution.
     */
    Binding convertible(Binding value) throws SQLException {
        if (value.isOfItsType()) {
            return value;
        }
        Session open = enter();
        try {
            Connection h2 = open.metadata();
            try (PreparedStatement scratch = h2.prepareStatement("VALUES (?)")) {
                value.replay(scratch, 1);
            }
        } catch (SQLTransientConnectionException e) {
            return value;
        } finally {
            leave();
        }
        return value;
    }

    // ---- transactions

    @Override
    public boolean getAutoCommit() throws SQLException {
        Session open = enter();
        try {
            return open.autoCommit();
        } finally {
            leave();
        }
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        Session open = enter();
        try {
            if (autoCommit != open.autoCommit()) {
                open.setAutoCommit(autoCommit);
            }
            chosenAutoCommit = autoCommit;
        } finally {
            leave();
        }
    }

    @Override
    public void commit() throws SQLException {
        Session open = enter();
        try {
            open.commit();
        } finally {
            leave();
        }
    }

    @Override
    public void rollback() throws SQLException {
        Session open = enter();
        try {
            open.rollback();
        } finally {
            leave();
        }
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        return savepoint(null);
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        return savepoint(name);
    }

    private Savepoint savepoint(@Nullable String name) throws SQLException {
        Session open = enter();
        try {
            if (open.autoCommit()) {
                throw Errors.of(
                        SqlState.NOT_ALLOWED,
                        "A savepoint needs a transaction, but this connection is in autocommit mode:"
                                + " call setAutoCommit(false) first");
            }
            SessionSavepoint savepoint = new SessionSavepoint(this, nextSavepoint++, name);
            open.savepoint(savepoint.key(this));
            return savepoint;
        } finally {
            leave();
        }
    }

    @Override
    public void rollback(Savepoint savepoint) throws SQLException {
        Session open = enter();
        try {
            open.rollbackTo(ours(savepoint).key(this));
        } finally {
            leave();
        }
    }

    @Override
    public void releaseSavepoint(Savepoint savepoint) throws SQLException {
        Session open = enter();
        try {
            SessionSavepoint old = ours(savepoint);
            open.releaseSavepoint(old.key(this));
            old.release();
        } finally {
            leave();
        }
    }

    private static SessionSavepoint ours(@Nullable Savepoint savepoint) throws SQLException {
        if (savepoint instanceof SessionSavepoint ours) {
            return ours;
        }
        throw Misuse.savepointInvalid(savepoint);
    }

    @Override
    public int getTransactionIsolation() throws SQLException {
        Session open = enter();
        try {
            return open.isolation();
        } finally {
            leave();
        }
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        Session open = enter();
        try {
            open.setIsolation(level);
            chosenIsolation = level;
        } finally {
            leave();
        }
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        Session open = enter();
        try {
            return open.readOnly();
        } finally {
            leave();
        }
    }

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        Session open = enter();
        try {
            if (readOnly != open.readOnly()) {
                open.setReadOnly(readOnly);
            }
        } finally {
            leave();
        }
    }

    // ---- consistency

    @Override
    public String consistencyToken() throws SQLException {
        Session open = enter();
        try {
            return open.token();
        } finally {
            leave();
        }
    }

    @Override
    public void useConsistencyToken(String token) throws SQLException {
        Session open = enter();
        try {
            open.useToken(token);
        } finally {
            leave();
        }
    }

    @Override
    public EmbeddedCluster cluster() throws SQLException {
        return session().cluster();
    }

    @Override
    public SlaMonitor sla() throws SQLException {
        return session().sla();
    }

    // ---- names and values

    @Override
    public Map<String, Class<?>> getTypeMap() throws SQLException {
        session();
        return Map.of();
    }

    /** Who connected; empty when nobody said. */
    String userName() throws SQLException {
        return session().url().user();
    }

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        session();
        return Catalog.of(this, url);
    }

    @Override
    public String getSchema() throws SQLException {
        Session open = enter();
        try {
            return open.schema();
        } finally {
            leave();
        }
    }

    @Override
    public void setSchema(@Nullable String schema) throws SQLException {
        Session open = enter();
        try {
            if (schema == null) {
                throw Misuse.noSchema();
            }
            open.setSchema(schema);
            chosenSchema = schema;
        } finally {
            leave();
        }
    }

    @Override
    public String getCatalog() throws SQLException {
        Session open = enter();
        try {
            return open.metadata().getCatalog();
        } finally {
            leave();
        }
    }

    /** Ignored, as by H2: a database has one catalog. */
    @Override
    public void setCatalog(String catalog) throws SQLException {
        session();
    }

    @Override
    public Clob createClob() throws SQLException {
        Session open = enter();
        try {
            return open.metadata().createClob();
        } finally {
            leave();
        }
    }

    @Override
    public Blob createBlob() throws SQLException {
        Session open = enter();
        try {
            return open.metadata().createBlob();
        } finally {
            leave();
        }
    }

    @Override
    public NClob createNClob() throws SQLException {
        Session open = enter();
        try {
            return open.metadata().createNClob();
        } finally {
            leave();
        }
    }

    @Override
    public SQLXML createSQLXML() throws SQLException {
        Session open = enter();
        try {
            return open.metadata().createSQLXML();
        } finally {
            leave();
        }
    }

    @Override
    public Array createArrayOf(String typeName, Object[] elements) throws SQLException {
        Session open = enter();
        try {
            return open.metadata().createArrayOf(typeName, elements);
        } finally {
            leave();
        }
    }

    // ---- settings that only JDBC knows

    /** Always null: warnings are about statements, and are found there. */
    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        session();
        return null;
    }

    @Override
    public void clearWarnings() throws SQLException {
        session();
    }

    @Override
    public int getHoldability() throws SQLException {
        session();
        return holdability;
    }

    @Override
    public void setHoldability(int holdability) throws SQLException {
        session();
        Cursor.requireHoldability(holdability);
        this.holdability = holdability;
    }

    @Override
    public int getNetworkTimeout() throws SQLException {
        session();
        return networkTimeoutMillis;
    }

    /**
     * Remembered only: between this driver and an embedded database is no network. What a statement may wait
     * is bounded by its query timeout and by {@code consistencyTimeout}.
     */
    @Override
    public void setNetworkTimeout(Executor executor, int milliseconds) throws SQLException {
        session();
        if (milliseconds < 0) {
            throw Misuse.invalid("milliseconds", milliseconds);
        }
        networkTimeoutMillis = milliseconds;
    }

    @Override
    public @Nullable String getClientInfo(@Nullable String name) throws SQLException {
        session();
        return clientInfo.get(name);
    }

    @Override
    public Properties getClientInfo() throws SQLException {
        session();
        return clientInfo.all();
    }

    @Override
    public void setClientInfo(@Nullable String name, @Nullable String value) throws SQLClientInfoException {
        requireOpenForInfo(name);
        clientInfo.set(name, value);
    }

    @Override
    public void setClientInfo(Properties properties) throws SQLClientInfoException {
        requireOpenForInfo("");
        clientInfo.set(properties);
    }

    private void requireOpenForInfo(@Nullable String name) throws SQLClientInfoException {
        if (closed) {
            throw new SQLClientInfoException(
                    "The connection is closed",
                    SqlState.CONNECTION_CLOSED.code(),
                    Map.of(String.valueOf(name), ClientInfoStatus.REASON_UNKNOWN));
        }
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type == Session.class) {
            return type.cast(session());
        }
        if (type == EmbeddedCluster.class) {
            return type.cast(cluster());
        }
        return Wrapped.unwrap(this, type);
    }

    @Override
    public boolean isWrapperFor(@Nullable Class<?> type) {
        return type == Session.class || type == EmbeddedCluster.class || Wrapped.is(this, type);
    }

    // ---- pools

    /** Nothing: {@link #endRequest} has left the connection as new. */
    @Override
    public void beginRequest() throws SQLException {
        session();
    }

    /**
     * A pool takes the connection back: rolls back what is open, and forgets what the borrower set with SET CONSISTENCY
     * and its kin, its token (but not that of {@code tokenScope=datasource}), settings and temporary tables. What was
     * last set by methods, as a pool does, holds again wherever SQL changed it.
     */
    @Override
    public void endRequest() throws SQLException {
        Session open = enter();
        try {
            open.reset(chosenSchema);
            if (open.autoCommit() != chosenAutoCommit) {
                open.setAutoCommit(chosenAutoCommit);
            }
            if (open.isolation() != chosenIsolation) {
                open.setIsolation(chosenIsolation);
            }
        } finally {
            leave();
        }
    }

    // ---- the end

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isValid(int timeoutSeconds) throws SQLException {
        if (timeoutSeconds < 0) {
            throw Misuse.invalid("timeout", timeoutSeconds);
        }
        if (closed) {
            return false;
        }
        Duration limit = timeoutSeconds == 0 ? LONGEST_VALIDATION : Duration.ofSeconds(timeoutSeconds);
        lock();
        try {
            return !closed && session.isValid(limit);
        } finally {
            leave();
        }
    }

    /** Cancels what runs, rolls back what is open, and closes the statements. */
    @Override
    public void close() throws SQLException {
        if (closed) {
            return;
        }
        cancelAll();
        lock();
        try {
            if (!closed) {
                closed = true;
                closeStatements();
            }
        } finally {
            session.close();
            leave();
        }
    }

    private void cancelAll() {
        for (CallStatement statement : openStatements()) {
            Call call = statement.call();
            if (call != null) {
                call.cancel();
            }
        }
    }

    private void closeStatements() throws SQLException {
        SQLException failure = null;
        for (CallStatement statement : openStatements()) {
            try {
                statement.close();
            } catch (SQLException e) {
                failure = Batches.chain(failure, e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void abort(@Nullable Executor executor) throws SQLException {
        if (executor == null) {
            throw Misuse.invalid("executor", null);
        }
        if (closed) {
            return;
        }
        closed = true;
        executor.execute(() -> {
            cancelAll();
            session.close();
        });
    }

    @Override
    public String toString() {
        return "connection to " + url;
    }
}
