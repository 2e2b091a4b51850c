package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.access.AccessSettings;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.execute.session.StorageStatement;
import io.tunabledb.engine.h2.ddl.rule.DefinitionEffect;
import io.tunabledb.engine.h2.ddl.rule.OwnDefinitions;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.CreateAs;
import io.tunabledb.sql.CreatedSchema;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of a decided definition: through every shard's log, or, of what only the session has, to its storage session on
 * the leader. A table that a query fills is filled by ordinary INSERTs.
 */
final class DefinitionPath {
    private final SessionState state;
    private final SessionTransaction transaction;
    private final TemporaryTables temporaryTables;
    private final SchemaChanges changes;
    private final SettingsPath catalog;
    private final StatementPath writes;
    private final Filling filling;

    /** Fills a table that was created for it. */
    interface Filling {
        /** By a transaction of its own, whatever the mode; no other is open. */
        void alone(Statement.Sql insert) throws SQLException;

        /** In the session's transaction, if it has one. */
        void inTransaction(Statement.Sql insert, Parameters parameters) throws SQLException;
    }

    DefinitionPath(
            SessionState state,
            SessionTransaction transaction,
            TemporaryTables temporaryTables,
            SchemaChanges changes,
            SettingsPath catalog,
            StatementPath writes,
            Filling filling) {
        this.state = state;
        this.transaction = transaction;
        this.temporaryTables = temporaryTables;
        this.changes = changes;
        this.catalog = catalog;
        this.writes = writes;
        this.filling = filling;
    }

    // ---- what every replica gets ----

    /** @param sharding where the rows of its first table are, as the table's setting has it; null when it says nothing */
    Result define(Statement.Sql statement, Decision decision, @Nullable String sharding) throws SQLException {
        writes.requireWritable(statement);
        if (statement.parameterCount() > 0) {
            throw Errors.of(
                    SqlState.NOT_SUPPORTED,
                    "a schema change takes no parameters, found " + statement.parameterCount()
                            + "; write the values as literals");
        }
        // as in H2, a schema change commits the open transaction first; not one of a sequence, which no other session
        // waits for
        boolean isInTransaction = !state.mode().isAutoCommit() && transaction.isAtLeader();
        DefinitionEffect effect = changes.effect(statement, decision.meaning(), isInTransaction);
        if (!effect.keepsTransaction()) {
            transaction.commit();
        }
        if (statement.traits().contains(Trait.CREATE_AS_SELECT)) {
            return new TableFromQuery(
                            state.underway(), changes, catalog, filling, CreateAs.of(statement), decision, sharding)
                    .create();
        }
        Plan plan = decision.plan();
        Plan.Table table = plan.tables().isEmpty() ? null : plan.tables().get(0);
        Map<String, String> settings = sharding == null || table == null
                ? Map.of()
                : Map.of(Catalog.shardSetting(table.schema(), table.name()), sharding);
        CreatedSchema schema = CreatedSchema.of(statement);
        boolean isAsked = state.access().isAsked();
        return changes.define(
                schema != null && (isAsked || isOwn(schema)) ? schema.text() : statement.text(),
                schema != null && isAsked ? owned(schema) : settings,
                effect.changesSequence() ? plan.besideTransactions() : plan,
                decision.agreement(),
                decision.meaning());
    }

    /** As in H2, a schema belongs to whom it says, else to who creates it. */
    private Map<String, String> owned(CreatedSchema schema) throws SQLException {
        String owner = Objects.requireNonNullElse(schema.owner(), state.access().user());
        state.access().requireKnown(owner);
        return Map.of(AccessSettings.SCHEMA_OWNER + schema.schema(), owner);
    }

    /** A client that names himself the owner, as H2's own SCRIPT does for every schema, says only what is so anyway. */
    private boolean isOwn(CreatedSchema schema) {
        return state.settings().user().equalsIgnoreCase(schema.owner());
    }

    // ---- what only the session has ----

    /** Whether a statement that runs as a write defines something of the session's own. */
    static boolean isOwn(Statement.Sql statement) {
        return statement.operation() == Operation.DDL;
    }

    Result defineOwn(Statement.Sql statement, Decision decision, StorageStatement query, Parameters parameters)
            throws SQLException {
        writes.requireWritable(statement);
        requireOnlyReads(statement, decision.plan());
        boolean keepsTransaction = OwnDefinitions.keepsTransaction(statement.text());
        return isFromShards(statement)
                ? fromQuery(statement, decision, keepsTransaction, parameters)
                : changeOwn(statement, decision, query, keepsTransaction, parameters);
    }

    /** H2 commits on most of a storage session's own DDL, which must not happen behind the log's back. */
    private Result changeOwn(
            Statement.Sql statement,
            Decision decision,
            StorageStatement query,
            boolean keepsTransaction,
            Parameters parameters)
            throws SQLException {
        if (!keepsTransaction) {
            transaction.commit();
        }
        try {
            StatementPath.Execution execution =
                    new StatementPath.Execution(statement, query, state.mode().isAutoCommit());
            return writes.writeBatch(execution, decision, List.of(parameters)).get(0);
        } finally {
            temporaryTables.find();
        }
    }

    /** H2 commits when it has filled the table, and with it what the query has changed: no log would have that. */
    private static void requireOnlyReads(Statement.Sql statement, Plan plan) throws SQLException {
        List<Plan.Table> tables = plan.tables();
        if (!statement.traits().contains(Trait.CREATE_AS_SELECT)) {
            return;
        }
        // the first is the one that is created
        for (Plan.Table table : tables.subList(Math.min(1, tables.size()), tables.size())) {
            if (table.use() == Statement.Use.WRITE) {
                throw Errors.of(
                        SqlState.NOT_ALLOWED,
                        "CREATE LOCAL TEMPORARY TABLE AS a query that changes " + table
                                + " is not allowed; create the table, then INSERT INTO it what the query gives");
            }
        }
    }

    private boolean isFromShards(Statement.Sql statement) {
        return state.cluster().shards() > 1
                && statement.traits().containsAll(Set.of(Trait.LOCAL_TEMPORARY, Trait.CREATE_AS_SELECT));
    }

    /** The storage session creates it empty, because it has no rows of other shards. */
    private Result fromQuery(
            Statement.Sql statement, Decision decision, boolean keepsTransaction, Parameters parameters)
            throws SQLException {
        CreateAs parts = CreateAs.of(statement);
        Plan.Table table = decision.plan().tables().get(0);
        Statement.TableUse created = new Statement.TableUse(table.schema(), table.name(), Statement.Use.WRITE);
        if (parts.isConditional()
                && (temporaryTables.has(table.name()) || catalog.hasTable(table.schema(), table.name()))) {
            return new Result(null, 0, null, null, null);
        }
        Result result = changeOwn(statement, decision, parts.definition(created), keepsTransaction);
        Statement.Sql fill = parts.filling(created);
        if (fill == null) {
            return result;
        }
        try {
            filling.inTransaction(fill, parameters);
            return result;
        } catch (SQLException e) {
            if (keepsTransaction) {
                temporaryTables.forget(table.name());
            } else {
                state.underway().undo(() -> {
                    transaction.rollback();
                    var unused = changeOwn(statement, decision, CreateAs.dropping(created), false);
                });
            }
            throw e;
        }
    }

    private Result changeOwn(Statement.Sql statement, Decision decision, String sql, boolean keepsTransaction)
            throws SQLException {
        try (StorageStatement query = StorageStatement.plain(sql)) {
            return changeOwn(statement, decision, query, keepsTransaction, Parameters.NONE);
        }
    }
}
