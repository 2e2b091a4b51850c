package io.tunabledb.engine.plan;

import io.tunabledb.consistency.Operation;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Decides which shards a statement touches and how. Pure. */
public final class Planner {
    private Planner() {}

    /**
     * Plans {@code statement} for a session whose current schema is {@code schema}.
     *
     * @param catalog says where the rows of tables are
     */
    public static Plan plan(Statement.Sql statement, String schema, Catalog catalog) {
        List<Plan.Table> tables = tables(statement, schema, catalog);
        Plan.Kind kind = kind(statement, tables, catalog);
        // what creates something new and names no table can't be in another statement's way
        boolean everywhere = kind == Plan.Kind.DEFINE
                && tables.isEmpty()
                && !statement.traits().contains(Trait.CREATES);
        Placement placement = Placer.place(statement, kind, schema, catalog);
        return new Plan(kind, statement.operation(), List.copyOf(placement.shards()), tables, everywhere, placement);
    }

    private static List<Plan.Table> tables(Statement.Sql statement, String schema, Catalog catalog) {
        List<Plan.Table> tables = new ArrayList<>();
        for (Statement.TableUse use : statement.tables()) {
            if (!catalog.isBuiltIn(use, schema)) {
                tables.add(table(use, schema));
            }
        }
        if (statement.operation() != Operation.DDL) {
            catalog.effects().ofDomains(statement.text()).stream()
                    .filter(read -> !tables.contains(read))
                    .forEach(tables::add);
        }
        return tables;
    }

    /** The table under its full name. */
    static Plan.Table table(Statement.TableUse use, String schema) {
        return new Plan.Table(Objects.requireNonNullElse(use.schema(), schema), use.name(), use.use());
    }

    private static Plan.Kind kind(Statement.Sql statement, List<Plan.Table> tables, Catalog catalog) {
        if (statement.operation() == Operation.DDL) {
            // a local temporary table lives in one storage session, so the writing session must own it
            return statement.traits().contains(Trait.LOCAL_TEMPORARY) ? Plan.Kind.WRITE : Plan.Kind.DEFINE;
        }
        if (!statement.operation().isRead()
                || statement.traits().contains(Trait.READ_WITH_EFFECT)
                || statement.traits().contains(Trait.LOCKS_ROWS)
                || statement.traits().contains(Trait.USES_SESSION_STATE)
                // what a view takes from a sequence no other statement may get
                || (!catalog.drawing().isEmpty()
                        && tables.stream().map(Plan.Table::toString).anyMatch(catalog.drawing()::contains))) {
            return Plan.Kind.WRITE;
        }
        return Plan.Kind.READ;
    }
}
