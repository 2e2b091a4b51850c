package io.tunabledb.jdbc.connection;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedSession;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.StatementOptions.Keys;
import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.client.Session;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.contract.Wrapped;
import io.tunabledb.jdbc.metadata.ConnectionMetaData;
import io.tunabledb.jdbc.result.LateAnswer;
import io.tunabledb.jdbc.session.ChosenSettings;
import io.tunabledb.jdbc.session.Lender;
import io.tunabledb.jdbc.session.SharedSession;
import io.tunabledb.jdbc.statement.Cursor;
import io.tunabledb.jdbc.statement.Escapes;
import io.tunabledb.jdbc.statement.SessionCallableStatement;
import io.tunabledb.jdbc.statement.SessionPreparedStatement;
import io.tunabledb.jdbc.statement.TextStatement;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A connection: the methods of JDBC, said to the session behind it. */
public final class SessionConnection extends ClientConnection {

    /** How long isValid(0), which names no limit, may take. */
    private static final Duration LONGEST_VALIDATION = Duration.ofSeconds(30);

    private final String url;
    private final ChosenSettings chosen = new ChosenSettings();
    private int nextSavepoint;

    public SessionConnection(Session session, String url, Lender lender) {
        super(new SharedSession(session, lender));
        this.url = url;
    }

    // ---- statements

    @Override
    Statement create(Cursor cursor) throws SQLException {
        shared().session();
        return shared().remember(new TextStatement(this, shared(), cursor));
    }

    @Override
    PreparedStatement prepare(String sql, Cursor cursor, Keys keys) throws SQLException {
        return shared().remember(new SessionPreparedStatement(this, shared(), cursor, sql, checked(sql, cursor, keys)));
    }

    @Override
    CallableStatement prepareCall(String sql, Cursor cursor) throws SQLException {
        return shared().remember(
                        new SessionCallableStatement(this, shared(), cursor, sql, checked(sql, cursor, Keys.NONE)));
    }

    private PreparedText checked(String sql, Cursor cursor, Keys keys) throws SQLException {
        return shared().ask(open -> {
            PreparedText text = open.prepare(Escapes.translate(open, sql, true), cursor.with(keys));
            text.check();
            return text;
        });
    }

    @Override
    public String nativeSQL(String sql) throws SQLException {
        return shared().ask(open -> Escapes.translate(open, sql, true));
    }

    // ---- transactions

    @Override
    public boolean getAutoCommit() throws SQLException {
        return shared().look(Session::autoCommit);
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        shared().tell(open -> {
            if (autoCommit != open.autoCommit()) {
                open.setAutoCommit(autoCommit);
            }
            chosen.autoCommit(autoCommit);
        });
    }

    @Override
    public void commit() throws SQLException {
        shared().tell(Session::commit);
    }

    @Override
    public void rollback() throws SQLException {
        shared().tell(Session::rollback);
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
        return shared().ask(open -> {
            if (open.autoCommit()) {
                throw Errors.of(
                        SqlState.NOT_ALLOWED,
                        "A savepoint needs a transaction, but this connection is in autocommit mode:"
                                + " call setAutoCommit(false) first");
            }
            SessionSavepoint savepoint = new SessionSavepoint(this, nextSavepoint++, name);
            open.savepoint(savepoint.key(this));
            return savepoint;
        });
    }

    @Override
    public void rollback(Savepoint savepoint) throws SQLException {
        shared().tell(open -> open.rollbackTo(ours(savepoint).key(this)));
    }

    @Override
    public void releaseSavepoint(Savepoint savepoint) throws SQLException {
        shared().tell(open -> {
            SessionSavepoint old = ours(savepoint);
            open.releaseSavepoint(old.key(this));
            old.release();
        });
    }

    private static SessionSavepoint ours(@Nullable Savepoint savepoint) throws SQLException {
        if (savepoint instanceof SessionSavepoint ours) {
            return ours;
        }
        throw Misuse.savepointInvalid(savepoint);
    }

    @Override
    public int getTransactionIsolation() throws SQLException {
        return shared().look(Session::isolation);
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        shared().tell(open -> {
            open.setIsolation(level);
            chosen.isolation(level);
        });
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        return shared().look(Session::readOnly);
    }

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        shared().tell(open -> {
            if (readOnly != open.readOnly()) {
                open.setReadOnly(readOnly);
            }
        });
    }

    // ---- consistency

    @Override
    public String consistencyToken() throws SQLException {
        return shared().look(Session::token);
    }

    @Override
    public void useConsistencyToken(String token) throws SQLException {
        shared().tell(open -> open.useToken(token));
    }

    @Override
    public EmbeddedCluster cluster() throws SQLException {
        return ThisProcess.of(shared().session()).operated();
    }

    @Override
    public SlaMonitor sla() throws SQLException {
        return ThisProcess.of(shared().session()).sla();
    }

    // ---- names and values

    @Override
    public Map<String, Class<?>> getTypeMap() throws SQLException {
        shared().session();
        return Map.of();
    }

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        shared().session();
        return ConnectionMetaData.of(this, shared(), url);
    }

    @Override
    public String getSchema() throws SQLException {
        return shared().look(Session::schema);
    }

    @Override
    public void setSchema(@Nullable String schema) throws SQLException {
        shared().tell(open -> {
            if (schema == null) {
                throw Misuse.noSchema();
            }
            open.setSchema(schema);
            chosen.schema(schema);
        });
    }

    @Override
    public String getCatalog() throws SQLException {
        return shared().ask(open -> open.dialect().catalog());
    }

    /** Ignored, as by H2: a database has one catalog. */
    @Override
    public void setCatalog(String catalog) throws SQLException {
        shared().session();
    }

    @Override
    public Clob createClob() throws SQLException {
        return shared().ask(open -> open.dialect().createClob());
    }

    @Override
    public Blob createBlob() throws SQLException {
        return shared().ask(open -> open.dialect().createBlob());
    }

    @Override
    public NClob createNClob() throws SQLException {
        return shared().ask(open -> open.dialect().createNClob());
    }

    @Override
    public SQLXML createSQLXML() throws SQLException {
        return shared().ask(open -> open.dialect().createSqlXml());
    }

    @Override
    public Array createArrayOf(String typeName, Object[] elements) throws SQLException {
        Array made = shared().ask(open -> open.dialect().createArrayOf(typeName, elements));
        return LateAnswer.by(Array.class, made, shared().translator());
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type == Session.class) {
            return type.cast(shared().session());
        }
        if (type == EmbeddedSession.class) {
            return type.cast(ThisProcess.of(shared().session()));
        }
        if (type == EmbeddedCluster.class) {
            return type.cast(cluster());
        }
        return Wrapped.unwrap(this, type);
    }

    @Override
    public boolean isWrapperFor(@Nullable Class<?> type) {
        return type == Session.class
                || type == EmbeddedSession.class
                || type == EmbeddedCluster.class
                || Wrapped.is(this, type);
    }

    // ---- pools

    /** A pool lends the connection; what is set when it does so first is set for all borrowers. */
    @Override
    public void beginRequest() throws SQLException {
        shared().tell(open -> chosen.begin(open, clientInfo()));
    }

    /**
     * A pool takes the connection back: rolls back what is open, and forgets what the borrower set with SET CONSISTENCY
     * and its kin, what he said of himself, his token (but not that of {@code tokenScope=datasource}), settings and temporary tables. What was
     * last set by methods, as a pool does, holds again wherever SQL changed it.
     */
    @Override
    public void endRequest() throws SQLException {
        shared().tell(open -> chosen.restore(open, clientInfo()));
    }

    // ---- the end

    @Override
    public boolean isClosed() {
        return shared().isClosed();
    }

    @Override
    public boolean isValid(int timeoutSeconds) throws SQLException {
        if (timeoutSeconds < 0) {
            throw Misuse.invalid("timeout", timeoutSeconds);
        }
        Duration limit = timeoutSeconds == 0 ? LONGEST_VALIDATION : Duration.ofSeconds(timeoutSeconds);
        try {
            return shared().ask(open -> open.isValid(limit));
        } catch (SQLException e) {
            // it is closed, or was closed now because no answer came within the network timeout
            return false;
        }
    }

    /** Cancels what runs, rolls back what is open, and closes the statements. */
    @Override
    public void close() throws SQLException {
        shared().close();
    }

    @Override
    public void abort(@Nullable Executor executor) throws SQLException {
        if (executor == null) {
            throw Misuse.invalid("executor", null);
        }
        shared().abort(executor);
    }

    @Override
    public String toString() {
        return "connection to " + url;
    }
}
