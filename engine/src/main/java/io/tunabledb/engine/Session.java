package io.tunabledb.engine;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.CallOptions;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.command.Commands;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.Underway;
import io.tunabledb.engine.execute.statement.SessionPaths;
import io.tunabledb.engine.execute.statement.Watchers;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.load.Activity;
import io.tunabledb.engine.load.RuleCounts;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.TransactionControl;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The state behind one JDBC connection: what it has seen and written, its defaults, its open transaction. Not safe for
 * use by many threads at once; the driver serialises. Statements come in through {@link #prepare}, and each goes one way
 * down from here: plan, negotiate, then the read, write or define path.
 */
public final class Session implements AutoCloseable {
    private final Database database;
    private final DatabaseUrl url;
    private final SessionState state;
    private final SessionPaths paths;
    private final Commands commands;
    private final Activity activity;
    private final AtomicBoolean closed = new AtomicBoolean();

    Session(Database database, DatabaseUrl url, SessionState state) throws SQLException {
        this.database = database;
        this.url = url;
        this.state = state;
        Watchers watchers = database.watchers();
        this.activity = watchers.loads().open();
        this.paths = new SessionPaths(state, url, watchers, activity);
        this.commands = new Commands(paths, watchers.loads(), url.definitionTimeout());
    }

    /** Runs what the URL says each connection begins with; {@link #reset} returns to what is SET then. */
    void init() throws SQLException {
        if (url.init().isBlank()) {
            return;
        }
        try (Call call = prepare(url.init(), CallOptions.DEFAULT)) {
            call.execute(Parameters.NONE);
        }
        paths.statements().forgetReceipt();
        resetToThis();
    }

    // ---- statements ----

    /**
     * Parses {@code sql} and prepares it for execution; nothing runs yet.
     *
     * @throws SQLException 42001 with line:column when it does not follow the grammar, TC005 when it is refused, TC006 when
     *     it is nested too deeply
     */
    public Call prepare(String sql, CallOptions options) throws SQLException {
        requireOpen();
        boolean isDeep = Nesting.isDeep(sql);
        try {
            List<Statement> statements = isDeep
                    ? Stacks.<List<Statement>, SQLException>deep(() -> database.parse(sql))
                    : database.parse(sql);
            return new Call(this, statements, options, isDeep);
        } catch (StackOverflowError e) {
            throw Nesting.overflow(e);
        } catch (OutOfMemoryError e) {
            throw underway().outOfMemory(e);
        }
    }

    /** What carries out a call's statements. */
    SessionPaths paths() {
        return paths;
    }

    /** Carries out one that is ours. */
    Result command(Statement statement) throws SQLException {
        requireOpen();
        return commands.execute(statement);
    }

    void requireOpen() throws SQLException {
        if (closed.get()) {
            throw Errors.of(SqlState.CONNECTION_CLOSED, "the connection is closed; open a new one");
        }
        if (state.cluster().isClosed()) {
            throw Errors.of(SqlState.CONNECTION_CLOSED, "the database is closed; open a new connection");
        }
    }

    Underway underway() {
        return state.underway();
    }

    /** Makes a running statement fail soon, with 57014, or 08007 when it is proposed. From any thread. */
    void cancel() {
        underway().cancel();
    }

    /**
     * Nobody waits for what is under way any more: what is not proposed by now never takes effect. The session is of no use
     * afterwards but to be closed. From any thread.
     *
     * @return whether something is proposed
     */
    public boolean giveUp() {
        return underway().giveUp();
    }

    // ---- transactions ----

    /** Whether every statement is a transaction of its own; true at first. */
    public boolean autoCommit() {
        return state.mode().isAutoCommit();
    }

    /** Switching commits an open transaction, as JDBC says. */
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        requireOpen();
        paths.transaction().setAutoCommit(autoCommit);
    }

    /** Commits. 40001 when it certainly was rolled back, 08007 when nobody could tell in time. */
    public void commit() throws SQLException {
        requireOpen();
        paths.transaction().commit();
    }

    /** Rolls back. */
    public void rollback() throws SQLException {
        requireOpen();
        paths.transaction().rollback();
    }

    /** Sets a savepoint of that name in the open transaction. */
    public void savepoint(String name) throws SQLException {
        requireOpen();
        paths.transaction().control(TransactionControl.savepoint(name));
    }

    /** Rolls back to the savepoint. */
    public void rollbackTo(String name) throws SQLException {
        requireOpen();
        paths.transaction().control(TransactionControl.rollbackTo(name));
    }

    /** Forgets the savepoint. */
    public void releaseSavepoint(String name) throws SQLException {
        requireOpen();
        paths.transaction().control(TransactionControl.release(name));
    }

    /** Whether the connection is for reading only. */
    public boolean readOnly() {
        return state.mode().isReadOnly();
    }

    /** Not allowed inside a transaction. */
    public void setReadOnly(boolean readOnly) throws SQLException {
        requireOpen();
        paths.transaction().setReadOnly(readOnly);
    }

    /** H2's isolation of writing transactions, as a constant of {@link Connection}. */
    public int isolation() {
        return state.mode().isolation();
    }

    /** Takes a constant of {@link Connection}; commits the open transaction, as H2 does. */
    public void setIsolation(int isolation) throws SQLException {
        requireOpen();
        paths.transaction().setIsolation(isolation);
    }

    // ---- what it has seen ----

    /** What this session has seen and written, as an opaque string for another session. */
    public String token() {
        return state.vector().token().encode();
    }

    /**
     * Merges a token into this session; the empty text makes it forget all that it has seen and written.
     *
     * @throws SQLException TC004 when it is torn, of another database, from the future or made up
     */
    public void useToken(String text) throws SQLException {
        requireOpen();
        state.tokens().use(text);
    }

    /** The receipt of the last statement, or null. */
    public @Nullable Receipt lastReceipt() {
        return paths.statements().lastReceipt();
    }

    // ---- schema and metadata ----

    /** The current schema. */
    public String schema() throws SQLException {
        requireOpen();
        return state.settings().schema();
    }

    /** Makes {@code schema} (exact case) the current one. */
    public void setSchema(String schema) throws SQLException {
        requireOpen();
        paths.set(Statement.SessionSetting.schema(schema));
    }

    /**
     * An H2 connection that reads a live replica, for DatabaseMetaData and its kin. It waits for what this session saw and
     * wrote as long as its reads do that say nothing. Do not close it.
     */
    public Connection metadata() throws SQLException {
        requireOpen();
        return paths.metadata().connection();
    }

    /** The same, waiting so long. */
    Connection metadata(Duration patience) throws SQLException {
        requireOpen();
        return paths.metadata().connection(patience);
    }

    /** An H2 connection for what needs no tables, createArrayOf and its kin: any replica's, at once. Do not close it. */
    public Connection scratch() throws SQLException {
        return metadata(Duration.ZERO);
    }

    /** Whether a replica answers within {@code timeout}. */
    public boolean isValid(Duration timeout) {
        return !closed.get() && paths.metadata().isAnswered(timeout);
    }

    // ---- its database ----

    /** The URL it was opened with. */
    public DatabaseUrl url() {
        return url;
    }

    /** How this database keeps its promises. */
    public SlaMonitor sla() {
        return database.watchers().monitor();
    }

    /** How often rules raised or downgraded executions of this database in this process. */
    public RuleCounts ruleCounts() {
        return database.watchers().ruleCounts();
    }

    /** The nodes of this database in this JVM: to look at, to cut and to heal. */
    public EmbeddedCluster cluster() {
        return database.cluster();
    }

    // ---- between two borrowers of a pool ----

    /** From now on {@link #reset} leaves SET what is SET now. */
    public void resetToThis() {
        paths.resetToThis();
    }

    /**
     * Rolls back what is open, and forgets what the last borrower set, saw and wrote. What equal URLs share with
     * {@code tokenScope=datasource} stays, and what was SET at {@link #resetToThis}.
     *
     * @param schema the schema to be the current one again, exact case; null for the one it was then
     */
    public void reset(@Nullable String schema) throws SQLException {
        requireOpen();
        paths.reset(schema, database.fresh(url, state.vector()));
    }

    /** Rolls back what is open and lets go of everything. Idempotent; from any thread (JDBC's abort). */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            paths.close();
        } finally {
            database.watchers().loads().close(activity);
            database.leave(url);
            database.release();
        }
    }
}
