package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.api.Result;
import io.tunabledb.engine.execute.ddl.SchemaChanges;
import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.execute.session.Underway;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.sql.CreateAs;
import io.tunabledb.sql.Statement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * CREATE TABLE … AS query. The table is created everywhere, its rows come from the leader like those of any INSERT. Until
 * they are there it has another name, so that no other session finds it empty: one that creates a table with its first row may go on to
 * lock that row, as Flyway does.
 */
final class TableFromQuery {
    private static final String EXISTS_ALREADY = "42S01";
    private static final Result NOTHING_TO_DO = new Result(null, 0, null, null, null);

    private final Underway underway;
    private final SchemaChanges changes;
    private final SettingsPath catalog;
    private final DefinitionPath.Filling filling;
    private final CreateAs parts;
    private final Decision decision;
    private final Plan.Table table;
    private final @Nullable String sharding;

    /**
     * @param sharding where its rows are, as its setting has it; null when it says nothing
     */
    TableFromQuery(
            Underway underway,
            SchemaChanges changes,
            SettingsPath catalog,
            DefinitionPath.Filling filling,
            CreateAs parts,
            Decision decision,
            @Nullable String sharding) {
        this.underway = underway;
        this.changes = changes;
        this.catalog = catalog;
        this.filling = filling;
        this.parts = parts;
        this.decision = decision;
        this.table = decision.plan().tables().get(0);
        this.sharding = sharding;
    }

    Result create() throws SQLException {
        boolean exists = catalog.hasTable(table.schema(), table.name());
        if (exists && parts.isConditional()) {
            return NOTHING_TO_DO;
        }
        Statement.TableUse visible = named(table.name());
        Statement.Sql fill = parts.filling(visible);
        if (fill == null || exists) {
            return create(visible);
        }
        return parts.namesItself() ? filledInSight(visible, fill) : filledUnseen();
    }

    private Statement.TableUse named(String name) {
        return new Statement.TableUse(table.schema(), name, Statement.Use.WRITE);
    }

    private Result filledUnseen() throws SQLException {
        Statement.TableUse unseen = named("FILLING_" + UUID.randomUUID());
        boolean isFilled = false;
        try {
            Result created = create(unseen);
            filling.alone(Objects.requireNonNull(parts.filling(unseen)));
            isFilled = true;
            define(CreateAs.renaming(unseen, table.name()));
            return created;
        } catch (SQLException e) {
            undo(CreateAs.dropping(unseen));
            if (!isFilled && SqlState.OUTCOME_UNKNOWN.code().equals(e.getSQLState())) {
                throw undone(e);
            }
            if (parts.isConditional() && EXISTS_ALREADY.equals(e.getSQLState())) {
                return NOTHING_TO_DO;
            }
            throw e;
        }
    }

    /** What was not known is undone whatever it was. */
    private SQLException undone(SQLException e) {
        return Errors.of(
                underway.isStopped() ? SqlState.CANCELLED : SqlState.RETRY_TRANSACTION,
                "table " + table.name() + " could not be filled, and is not created; run the statement again ("
                        + e.getMessage() + ")",
                e);
    }

    private Result filledInSight(Statement.TableUse visible, Statement.Sql fill) throws SQLException {
        Result created = create(visible);
        try {
            filling.alone(fill);
            return created;
        } catch (SQLException e) {
            // with IF NOT EXISTS it may be another session's
            if (!parts.isConditional()) {
                undo(CreateAs.dropping(visible));
            }
            throw e;
        }
    }

    /** The setting that comes with the table follows it to another name. */
    private Result create(Statement.TableUse name) throws SQLException {
        Map<String, String> settings =
                sharding == null ? Map.of() : Map.of(Catalog.shardSetting(table.schema(), name.name()), sharding);
        return changes.define(
                parts.definition(name), settings, decision.plan(), decision.agreement(), decision.meaning());
    }

    /** Also where it was cancelled: nobody could fill the table later, or would know that it is to go. */
    private void undo(String sql) throws SQLException {
        underway.undo(() -> define(sql));
    }

    private void define(String sql) throws SQLException {
        var unused = changes.define(sql, decision.plan(), decision.agreement());
    }
}
