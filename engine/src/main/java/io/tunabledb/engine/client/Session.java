package io.tunabledb.engine.client;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.engine.api.StatementOptions;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state behind one JDBC connection: what it has seen and written, its defaults, its open transaction. Not safe for
 * use by many threads at once, except {@link #giveUp} and {@link #close}; the driver serialises.
 */
public interface Session extends AutoCloseable {

    // ---- statements

    /**
     * Parses {@code sql} and prepares it for execution; nothing runs yet.
     *
     * @throws SQLException 42001 with line:column when it does not follow the grammar, TC005 when it is refused, TC006 when
     *     it is nested too deeply
     */
    PreparedText prepare(String sql, StatementOptions options) throws SQLException;

    /** The receipt of the last statement, or null. */
    @Nullable
    Receipt lastReceipt();

    /**
     * The client waits no longer for what is under way: what is not proposed by now never takes effect. The session is of
     * no use afterwards but to be closed. From any thread.
     *
     * @return whether something is proposed
     */
    boolean giveUp();

    // ---- transactions

    /** Whether every statement is a transaction of its own; true at first. */
    boolean autoCommit();

    /** Switching commits an open transaction, as JDBC says. */
    void setAutoCommit(boolean autoCommit) throws SQLException;

    /** Commits. 40001 when the transaction certainly was rolled back, 08007 when its outcome was not known in time. */
    void commit() throws SQLException;

    /** Rolls back. */
    void rollback() throws SQLException;

    /** Sets a savepoint of that name in the open transaction. */
    void savepoint(String name) throws SQLException;

    /** Rolls back to the savepoint. */
    void rollbackTo(String name) throws SQLException;

    /** Forgets the savepoint. */
    void releaseSavepoint(String name) throws SQLException;

    /** Whether the connection is for reading only. */
    boolean readOnly();

    /** Not allowed inside a transaction. */
    void setReadOnly(boolean readOnly) throws SQLException;

    /** The isolation of writing transactions, as a constant of {@link Connection}. */
    int isolation();

    /** Takes a constant of {@link Connection}; commits the open transaction, as H2 does. */
    void setIsolation(int isolation) throws SQLException;

    // ---- what it has seen

    /** What this session has seen and written, as an opaque string for another session. */
    String token();

    /**
     * Merges a token into this session; the empty text makes it forget all that it has seen and written.
     *
     * @throws SQLException TC004 when it is torn, of another database, from the future or made up
     */
    void useToken(String text) throws SQLException;

    // ---- names and values

    /** Who connected; empty when the client did not say. */
    String user();

    /** The current schema. */
    String schema() throws SQLException;

    /** Makes {@code schema} (exact case) the current one. */
    void setSchema(String schema) throws SQLException;

    /**
     * What a live replica says of the schema, good for one question. It waits for what this session saw and wrote as long
     * as those of its reads do that name no level.
     */
    DatabaseMetaData metadata() throws SQLException;

    /** What of SQL needs no tables. */
    Dialect dialect();

    /** What failures of this session, and values and failures of the rows it gave, become for the application. */
    Translator translator();

    // ---- its life

    /** Whether a replica answers within {@code timeout}. */
    boolean isValid(Duration timeout);

    /** From now on {@link #reset} leaves SET what is SET now. */
    void resetToThis();

    /**
     * Rolls back what is open, and forgets what the last borrower set, saw and wrote. What equal URLs share with
     * {@code tokenScope=datasource} stays, and what was SET at {@link #resetToThis}.
     *
     * @param schema the schema to be the current one again, exact case; null for the one it was then
     */
    void reset(@Nullable String schema) throws SQLException;

    /** Rolls back what is open and lets go of everything. Idempotent; from any thread (JDBC's abort). */
    @Override
    void close();
}
