package io.tunabledb.engine.execute.statement;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.execute.session.Access;
import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.load.LoadMeter;
import io.tunabledb.engine.monitor.SlaMonitor;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.negotiate.Ask;
import io.tunabledb.engine.negotiate.Load;
import io.tunabledb.engine.negotiate.Negotiator;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.Planner;
import io.tunabledb.engine.plan.SystemTables;
import io.tunabledb.engine.plan.Touched;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides for a session's statements: which tables and shards, which level by which rule, and what is not allowed. */
public final class Decider {
    /** The engine's own tables can be read where nothing else can. */
    private static final Agreement SYSTEM_READ =
            new Agreement(Ladder.of(Level.EVENTUAL), "SYSTEM TABLE", Ladder.of(Level.EVENTUAL), null);

    private final SessionState state;
    private final AskedLevels levels;
    private final TemporaryTables temporaryTables;
    private final LoadMeter loads;
    private final SlaMonitor monitor;
    private final DecisionVersion version;

    Decider(
            SessionState state,
            AskedLevels levels,
            TemporaryTables temporaryTables,
            Watchers watchers,
            DecisionVersion version) {
        this.state = state;
        this.levels = levels;
        this.temporaryTables = temporaryTables;
        this.loads = watchers.loads();
        this.monitor = watchers.monitor();
        this.version = version;
    }

    /** Whether nothing that a decision was made from has changed. */
    public boolean isCurrent(Decision decision) {
        return decision.version() == version.number()
                && decision.catalogVersion() == state.cluster().catalog().version()
                && isStill(decision.load());
    }

    /** The meter makes a new one whenever a decision may change. */
    @SuppressWarnings("ReferenceEquality") // the point of it: nothing is compared on the way of every statement
    private boolean isStill(Load load) {
        return load == loads.load();
    }

    /** Decides for a statement whose names mean what they mean now. */
    public Decision decide(Statement.Sql statement) throws SQLException {
        return decide(statement, null);
    }

    /** @param meant what the statement's names mean; null: what they mean now */
    public Decision decide(Statement.Sql statement, @Nullable Meaning meant) throws SQLException {
        Meaning meaning = Objects.requireNonNullElse(meant, state.settings().meaning());
        Catalog catalog = temporaryTables.naming(state.cluster().catalog(), meaning.schema());
        Load load = loads.load();
        Statement.Sql qualified = state.settings().qualified(statement, meaning, levels.patience(statement));
        Plan plan = plan(statement, qualified, meaning, catalog);
        requireAllowed(statement, plan);
        if (catalog.accounts().areInUse()) {
            requireRights(statement, qualified, meaning, catalog);
        }
        Ask ask = levels.ask(statement, plan);
        Agreement agreement = statement.asked() == null && SystemTables.readsNothingElse(plan)
                ? SYSTEM_READ
                : Negotiator.decide(ask, plan, catalog, load);
        List<String> tables = tables(plan, catalog);
        return new Decision(
                meaning,
                plan,
                PlacementVersion.of(plan, catalog),
                agreement,
                tables,
                version.number(),
                catalog.version(),
                load,
                monitor.meter(plan.operation(), tables));
    }

    /**
     * Everything that is executed is decided here first, and again when rights have changed: so the rights are those of the
     * moment of execution, for prepared statements too.
     */
    private void requireRights(Statement.Sql statement, Statement.Sql qualified, Meaning meaning, Catalog catalog)
            throws SQLException {
        boolean isUnknown = statement.operation() == Operation.DDL
                && statement.needs().isEmpty()
                && !statement.traits().contains(Trait.LOCAL_TEMPORARY);
        if (isUnknown) {
            state.access().requireAdmin("this statement");
        }
        state.access().require(qualified.needs(), meaning.schema(), new Known(catalog, meaning));
    }

    /** Returns when the session's user has these rights. */
    public void requireRights(List<Statement.Need> needs) throws SQLException {
        Meaning meaning = state.settings().meaning();
        state.access()
                .require(needs, meaning.schema(), new Known(state.cluster().catalog(), meaning));
    }

    private final class Known implements Access.Names {
        private final Catalog catalog;
        private final Meaning meaning;

        Known(Catalog catalog, Meaning meaning) {
            this.catalog = catalog;
            this.meaning = meaning;
        }

        @Override
        public boolean isBuiltIn(Statement.Need need) {
            return catalog.isBuiltIn(
                    new Statement.TableUse(need.schema(), need.name(), Statement.Use.READ), meaning.schema());
        }

        @Override
        public boolean isOwn(String schema, String name) throws SQLException {
            return temporaryTables.isOwn(schema, name);
        }
    }

    private Plan plan(Statement.Sql statement, Statement.Sql qualified, Meaning meaning, Catalog catalog)
            throws SQLException {
        Plan plan = Planner.plan(qualified, meaning.schema(), catalog);
        temporaryTables.requireNotLost(statement, plan);
        if (!temporaryTables.areConcerned(statement, plan)) {
            return plan;
        }
        if (plan.kind() == Plan.Kind.DEFINE && statement.traits().contains(Trait.CREATE_AS_SELECT)) {
            throw Errors.of(
                    SqlState.NOT_SUPPORTED,
                    "only the session itself knows its local temporary table, and every replica has to create this"
                            + " one; create it with its columns, then INSERT INTO … SELECT");
        }
        // what concerns several shards keeps its level's promise for their rows
        boolean isSpread = plan.kind() == Plan.Kind.READ && plan.shards().size() > 1;
        return isSpread ? plan : plan.inWritingSession();
    }

    private static void requireAllowed(Statement.Sql statement, Plan plan) throws SQLException {
        if (statement.traits().contains(Trait.ASSIGNS_VARIABLES)
                && !plan.shards().equals(List.of(0))) {
            throw Errors.of(
                    SqlState.NOT_SUPPORTED,
                    "assigns a variable in a statement that may need shards " + plan.shards()
                            + ", and each would have a value of its own; write SET @variable = (SELECT …) instead, or"
                            + " number rows with ROWNUM() or ROW_NUMBER() OVER ()");
        }
        String refusal = SystemTables.refusal(plan);
        if (refusal != null) {
            throw Errors.of(SqlState.NOT_ALLOWED, refusal);
        }
    }

    /** The views, what stands behind them, and what is read and changed by the way. */
    private static List<String> tables(Plan plan, Catalog catalog) {
        return Stream.of(
                        plan.tables().stream(),
                        catalog.withoutViews(plan).tables().stream(),
                        catalog.hidden(plan).stream().map(Touched::table))
                .flatMap(Function.identity())
                .map(Plan.Table::toString)
                .distinct()
                .toList();
    }

    /** Which rules were looked at, which matched, what they did. */
    public List<String> explain(Statement.Sql statement, Decision decision) {
        return Negotiator.explain(
                levels.ask(statement, decision.plan()),
                decision.plan(),
                state.cluster().catalog(),
                decision.load());
    }
}
