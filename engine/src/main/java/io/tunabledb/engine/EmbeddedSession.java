package io.tunabledb.engine;

import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.api.StatementOptions;
import io.tunabledb.engine.client.Dialect;
import io.tunabledb.engine.client.PreparedText;
import io.tunabledb.engine.client.Session;
import io.tunabledb.engine.client.Translator;
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
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A session whose database runs in this JVM. Statements come in through {@link #prepare}, and each goes one way down from
 * here: decided (plan, negotiate), then the read, write or define path.
 */
public final class EmbeddedSession implements Session {
    private final Database database;
    private final DatabaseUrl url;
    private final SessionState state;
    private final SessionPaths paths;
    private final Commands commands;
    private final Activity activity;
    private final Dialect dialect = new EmbeddedDialect(this);
    private final AtomicBoolean closed = new AtomicBoolean();

    EmbeddedSession(Database database, DatabaseUrl url, SessionState state) throws SQLException {
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
        try (PreparedText text = prepare(url.init(), StatementOptions.DEFAULT)) {
            text.execute(Parameters.NONE);
        }
        paths.statements().forgetReceipt();
        resetToThis();
    }

    // ---- statements ----

    @Override
    public PreparedText prepare(String sql, StatementOptions options) throws SQLException {
        requireOpen();
        boolean isDeep = Nesting.isDeep(sql);
        try {
            List<Statement> statements = isDeep
                    ? Stacks.<List<Statement>, SQLException>deep(() -> database.parse(sql))
                    : database.parse(sql);
            return new EmbeddedText(this, statements, options, isDeep);
        } catch (StackOverflowError e) {
            throw Nesting.overflow(e);
        } catch (OutOfMemoryError e) {
            throw underway().outOfMemory(e);
        }
    }

    /** What carries out the statements of a text. */
    SessionPaths paths() {
        return paths;
    }

    /** Carries out a command of our own. */
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

    @Override
    public boolean giveUp() {
        return underway().giveUp();
    }

    // ---- transactions ----

    @Override
    public boolean autoCommit() {
        return state.mode().isAutoCommit();
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        requireOpen();
        paths.transaction().setAutoCommit(autoCommit);
    }

    @Override
    public void commit() throws SQLException {
        requireOpen();
        paths.transaction().commit();
    }

    @Override
    public void rollback() throws SQLException {
        requireOpen();
        paths.transaction().rollback();
    }

    @Override
    public void savepoint(String name) throws SQLException {
        requireOpen();
        paths.transaction().control(TransactionControl.savepoint(name));
    }

    @Override
    public void rollbackTo(String name) throws SQLException {
        requireOpen();
        paths.transaction().control(TransactionControl.rollbackTo(name));
    }

    @Override
    public void releaseSavepoint(String name) throws SQLException {
        requireOpen();
        paths.transaction().control(TransactionControl.release(name));
    }

    @Override
    public boolean readOnly() {
        return state.mode().isReadOnly();
    }

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        requireOpen();
        paths.transaction().setReadOnly(readOnly);
    }

    @Override
    public int isolation() {
        return state.mode().isolation();
    }

    @Override
    public void setIsolation(int isolation) throws SQLException {
        requireOpen();
        paths.transaction().setIsolation(isolation);
    }

    // ---- what it has seen ----

    @Override
    public String token() {
        return state.vector().token().encode();
    }

    @Override
    public void useToken(String text) throws SQLException {
        requireOpen();
        state.tokens().use(text);
    }

    @Override
    public @Nullable Receipt lastReceipt() {
        return paths.statements().lastReceipt();
    }

    // ---- schema and metadata ----

    @Override
    public String schema() throws SQLException {
        requireOpen();
        return state.settings().schema();
    }

    @Override
    public void setSchema(String schema) throws SQLException {
        requireOpen();
        paths.set(Statement.SessionSetting.schema(schema));
    }

    @Override
    public DatabaseMetaData metadata() throws SQLException {
        requireOpen();
        return paths.metadata().connection().getMetaData();
    }

    /** A storage connection of a live replica, which waits so long for what the session saw and wrote. Not to be closed. */
    Connection storage(Duration patience) throws SQLException {
        requireOpen();
        return paths.metadata().connection(patience);
    }

    /** The same of any replica, at once, for what needs no tables. */
    Connection scratch() throws SQLException {
        return storage(Duration.ZERO);
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public Translator translator() {
        return Failures.TRANSLATOR;
    }

    @Override
    public String user() {
        return state.access().isAsked() ? state.access().user() : url.user();
    }

    @Override
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

    /**
     * The same for who asks through a connection.
     *
     * @throws SQLException 42501 when the session's user is no administrator
     */
    public EmbeddedCluster operated() throws SQLException {
        state.access().requireAdmin("what is done to nodes");
        return database.cluster();
    }

    // ---- between two borrowers of a pool ----

    @Override
    public void resetToThis() {
        paths.resetToThis();
    }

    @Override
    public void reset(@Nullable String schema) throws SQLException {
        requireOpen();
        paths.reset(schema, database.fresh(url, state.vector()));
    }

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
