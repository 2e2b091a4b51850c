package io.tunabledb.engine.execute.statement;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.execute.outbox.OutboxPath;
import io.tunabledb.engine.execute.outbox.RejectedWrites;
import io.tunabledb.engine.execute.read.CommitWait;
import io.tunabledb.engine.execute.scatter.Reads;
import io.tunabledb.engine.execute.scatter.Writes;
import io.tunabledb.engine.execute.session.SessionStart;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.load.Activity;
import io.tunabledb.engine.session.SessionVector;
import io.tunabledb.engine.url.DatabaseUrl;
import io.tunabledb.engine.url.Property;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One session's stages, put together: what is decided where, and which doors its statements go through. */
public final class SessionPaths implements AutoCloseable {
    private static final String ISOLATION = "TRANSACTION ISOLATION LEVEL";

    private final SessionState state;
    private final DecisionVersion version = new DecisionVersion();
    private final Reads reads;
    private final Writes writes;
    private final OutboxPath outbox;
    private final RejectedWrites rejected;
    private final SettingsPath catalog;
    private final AskedLevels levels;
    private final TemporaryTables temporaryTables;
    private final Decider decider;
    private final SessionTransaction transaction;
    private final Statements statements;
    private final MetadataPath metadata;
    private SessionStart start = SessionStart.EMPTY;

    public SessionPaths(SessionState state, DatabaseUrl url, Watchers watchers, Activity activity) throws SQLException {
        this.state = state;
        state.settings().user(url.user());
        this.writes = new Writes(state);
        this.reads = new Reads(state, writes);
        this.outbox = new OutboxPath(state);
        this.rejected = new RejectedWrites(state);
        this.catalog = new SettingsPath(state.at(0));
        this.levels = new AskedLevels(state, version, url.consistency(), url.value(Property.USER_TYPE));
        this.temporaryTables = new TemporaryTables(state, writes, catalog, version);
        this.decider = new Decider(state, levels, temporaryTables, watchers, version);
        CommitWait commitWait = new CommitWait(state);
        this.transaction = new SessionTransaction(state, reads, writes, outbox, commitWait, version);
        SchemaChanges changes = new SchemaChanges(state, SchemaChanges.Limits.of(url));
        StatementPath path = new StatementPath(
                state, decider, transaction, temporaryTables, new StatementPath.Ways(reads, writes, outbox), changes);
        DefinitionPath definitions =
                new DefinitionPath(state, transaction, temporaryTables, changes, catalog, path, new Fillings());
        this.statements = new Statements(
                state,
                decider,
                transaction,
                path,
                definitions,
                commitWait,
                new Observation(activity, watchers.ruleCounts()));
        this.metadata = new MetadataPath(state, levels, temporaryTables, transaction);
        state.onCancel(() -> {
            reads.cancel();
            writes.cancel();
        });
    }

    /** What fills a table is a statement of its own, measured as others are. */
    private final class Fillings implements DefinitionPath.Filling {
        @Override
        public void alone(Statement.Sql insert) throws SQLException {
            statements.writeAlone(insert);
        }

        @Override
        public void inTransaction(Statement.Sql insert, Parameters parameters) throws SQLException {
            var unused = statements.execute(insert, parameters);
        }
    }

    public SessionState state() {
        return state;
    }

    /** What it asks of statements that ask nothing. */
    public AskedLevels levels() {
        return levels;
    }

    public Decider decider() {
        return decider;
    }

    public SessionTransaction transaction() {
        return transaction;
    }

    /** The door for what is decided. */
    public Statements statements() {
        return statements;
    }

    public MetadataPath metadata() {
        return metadata;
    }

    /** What the database's definitions say beyond H2's schema. */
    public SettingsPath catalog() {
        return catalog;
    }

    public RejectedWrites rejected() {
        return rejected;
    }

    /** What is fetched for a statement of several shards, for people. */
    public Reads reads() {
        return reads;
    }

    /** Carries out a SET that concerns this session only. */
    public void set(Statement.SessionSetting setting) throws SQLException {
        if (setting.name().equals(ISOLATION)) {
            transaction.setIsolation(setting);
            return;
        }
        state.settings().set(setting.name(), setting.text(), levels.readPatience());
        writes.applySetting(setting.text());
        version.changed();
    }

    /** From now on the session is that user's. What it has SET stays; no transaction is open. */
    public void become(String user) {
        state.settings().user(user);
        state.access().loggedIn(user);
        // storage connections know whose they are from their first moment
        writes.close();
        state.close();
        version.changed();
    }

    // ---- between two borrowers of a pool ----

    /** From now on {@link #reset} leaves SET what is SET now. */
    public void resetToThis() {
        start = new SessionStart(state.settings().current(), levels.read(), levels.write());
    }

    /**
     * Rolls back what is open, and forgets what was SET since {@link #resetToThis}, seen and written.
     *
     * @param schema the schema to be the current one again, exact case; null for the one it was then
     * @param fresh what the session has seen now
     */
    public void reset(@Nullable String schema, SessionVector fresh) throws SQLException {
        transaction.rollback();
        boolean hadTables = !temporaryTables.isEmpty() || !state.lostTables().isEmpty();
        if (hadTables || !state.settings().isAs(start, schema)) {
            temporaryTables.forgetAll();
            writes.close();
            state.settings().forget();
            for (SessionStart.Setting setting : start.settings()) {
                state.settings().set(setting.name(), setting.text());
            }
        }
        state.reset(fresh);
        levels.set(start.read(), start.write());
        statements.forgetReceipt();
        if (schema != null && !schema.equals(state.settings().schema())) {
            set(Statement.SessionSetting.schema(schema));
        }
    }

    @Override
    public void close() {
        outbox.close();
        writes.close();
        reads.close();
        state.close();
    }
}
