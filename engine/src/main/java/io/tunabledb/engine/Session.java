package io.tunabledb.engine;

import io.tunabledb.consistency.Receipt;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state behind one JDBC connection: what it has seen and written, its defaults, its open transaction. Not safe for
 * use by many threads at once; the driver serialises.
 */
public final class Session implements AutoCloseable {

    /** Parses {@code sql} and prepares it for execution; nothing runs yet. */
    public Call prepare(String sql, CallOptions options) throws SQLException {
        throw new UnsupportedOperationException(sql + options);
    }

    /** Whether every statement is a transaction of its own; true at first. */
    public boolean autoCommit() {
        throw new UnsupportedOperationException();
    }

    /** Switching commits an open transaction, as JDBC says. */
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        throw new UnsupportedOperationException("" + autoCommit);
    }

    /** Commits. 40001 when it certainly was rolled back, 08007 when nobody could tell in time. */
    public void commit() throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** Rolls back. */
    public void rollback() throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** Sets a savepoint of that name in the open transaction. */
    public void savepoint(String name) throws SQLException {
        throw new UnsupportedOperationException(name);
    }

    /** Rolls back to the savepoint. */
    public void rollbackTo(String name) throws SQLException {
        throw new UnsupportedOperationException(name);
    }

    /** Forgets the savepoint. */
    public void releaseSavepoint(String name) throws SQLException {
        throw new UnsupportedOperationException(name);
    }

    /** Whether the connection is for reading only. */
    public boolean readOnly() {
        throw new UnsupportedOperationException();
    }

    /** Not allowed inside a transaction. */
    public void setReadOnly(boolean readOnly) throws SQLException {
        throw new UnsupportedOperationException("" + readOnly);
    }

    /** H2's isolation of writing transactions, as a constant of {@link Connection}. */
    public int isolation() {
        throw new UnsupportedOperationException();
    }

    /** Takes a constant of {@link Connection}. */
    public void setIsolation(int isolation) throws SQLException {
        throw new UnsupportedOperationException("" + isolation);
    }

    /** The current schema. */
    public String schema() throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** Makes {@code schema} (exact case) the current one. */
    public void setSchema(String schema) throws SQLException {
        throw new UnsupportedOperationException(schema);
    }

    /** What this session has seen and written, as an opaque string for another session. */
    public String token() {
        throw new UnsupportedOperationException();
    }

    /** Merges a token into this session; TC004 when it is torn, of another database or from the future. */
    public void useToken(String token) throws SQLException {
        throw new UnsupportedOperationException(token);
    }

    /** The receipt of the last statement, or null. */
    public @Nullable Receipt lastReceipt() {
        throw new UnsupportedOperationException();
    }

    /** An H2 connection that reads a live replica: for DatabaseMetaData, createArrayOf and their kin. Do not close it. */
    public Connection metadata() throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** Whether a replica answers within {@code timeout}. */
    public boolean isValid(Duration timeout) {
        throw new UnsupportedOperationException(timeout.toString());
    }

    /** The nodes of this database in this JVM: to look at, to cut and to heal. */
    public EmbeddedCluster cluster() {
        throw new UnsupportedOperationException();
    }

    /** Rolls back what is open and lets go of everything. Idempotent; from any thread (JDBC's abort). */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
