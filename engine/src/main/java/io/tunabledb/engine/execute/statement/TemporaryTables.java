package io.tunabledb.engine.execute.statement;

import io.tunabledb.engine.execute.ddl.SettingsPath;
import io.tunabledb.engine.execute.scatter.Writes;
import io.tunabledb.engine.execute.session.LostTables;
import io.tunabledb.engine.execute.session.SessionState;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.plan.Plan;
import io.tunabledb.engine.plan.TableEffects;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A session's local temporary tables, as far as it knows them: only its own storage session on the leader has them, so a
 * statement that names one has to run there.
 */
public final class TemporaryTables {
    private final SessionState state;
    private final Writes writes;
    private final SettingsPath catalog;
    private final DecisionVersion version;
    private final Set<String> names = new HashSet<>();

    TemporaryTables(SessionState state, Writes writes, SettingsPath catalog, DecisionVersion version) {
        this.state = state;
        this.writes = writes;
        this.catalog = catalog;
        this.version = version;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return names.isEmpty();
    }

    /** Whether the session has one of that name. */
    boolean has(String name) {
        return names.contains(name);
    }

    /** Whether that name is one of them, and of no table that all sessions have, which H2 would take. */
    boolean isOwn(String schema, String name) throws SQLException {
        return names.contains(name) && !catalog.hasTable(schema, name);
    }

    boolean areUsed(Plan plan) {
        return !names.isEmpty() && plan.tables().stream().anyMatch(table -> names.contains(table.name()));
    }

    /** Whether a statement can run nowhere but in the session's own storage session. */
    boolean areConcerned(Statement.Sql statement, Plan plan) throws SQLException {
        if (names.isEmpty()) {
            return false;
        }
        return areUsed(plan)
                ? plan.kind() != Plan.Kind.DEFINE || isDefined(plan)
                : plan.kind() == Plan.Kind.DEFINE && writes.dropsOwnIndex(statement.text());
    }

    /** Whether a definition is of a temporary table: where H2 finds a table that all sessions have, it takes that one. */
    private boolean isDefined(Plan plan) throws SQLException {
        find();
        for (Plan.Table table : plan.tables()) {
            if (names.contains(table.name()) && !catalog.hasTable(table.schema(), table.name())) {
                return true;
            }
        }
        return false;
    }

    /** The catalog as it has to be asked about statements that may name one of them. */
    Catalog naming(Catalog known, String schema) {
        for (String table : names) {
            if (TableEffects.isToBeNamed(table)) {
                return known.naming(schema + "." + table);
            }
        }
        return known;
    }

    /** What a change of the leader took from the session, no statement finds empty, or takes another's for it. */
    void requireNotLost(Statement.Sql statement, Plan plan) throws SQLException {
        LostTables lost = state.lostTables();
        if (lost.isEmpty()) {
            return;
        }
        try {
            lost.require(plan, statement.traits().contains(Trait.LOCAL_TEMPORARY), catalog::hasTable);
        } catch (SQLException e) {
            writes.doom(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Asks the storage session: it alone knows what a definition made, and what ON COMMIT DROP or a new leader took. */
    void find() throws SQLException {
        Set<String> found = writes.temporaryTables().stream()
                .map(table -> table.name().name())
                .collect(Collectors.toSet());
        if (!found.equals(names)) {
            names.clear();
            names.addAll(found);
            version.changed();
        }
    }

    /** The leader that had them may have changed. */
    void findIfLost() throws SQLException {
        if (!state.lostTables().isEmpty()) {
            find();
        }
    }

    /** Drops one inside the open transaction. */
    void forget(String name) throws SQLException {
        writes.forgetTemporaryTable(name);
        find();
    }

    /** The session begins anew, without its storage session. */
    void forgetAll() {
        names.clear();
        state.lostTables().forget();
    }
}
