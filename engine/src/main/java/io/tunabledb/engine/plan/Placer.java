package io.tunabledb.engine.plan;

import io.tunabledb.engine.plan.placement.BucketMap;
import io.tunabledb.engine.plan.placement.EverywherePlacement;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Statement.Trait;
import io.tunabledb.sql.Structure;
import java.util.List;

/** Decides from a statement's text how its executions are placed. Pure. */
final class Placer {
    private final Catalog catalog;
    private final BucketMap buckets;

    private Placer(Catalog catalog) {
        this.catalog = catalog;
        this.buckets = catalog.buckets();
    }

    /** The placement of a statement of a session whose current schema is {@code schema}. */
    static Placement place(Statement.Sql statement, Plan.Kind kind, String schema, Catalog catalog) {
        if (catalog.buckets().shards() == 1 || statement.traits().contains(Trait.LOCAL_TEMPORARY)) {
            return Placement.SHARD_ZERO;
        }
        if (kind == Plan.Kind.DEFINE) {
            return new EverywherePlacement(catalog.buckets().all());
        }
        return new Placer(catalog).place(statement, kind, schema);
    }

    private Placement place(Statement.Sql statement, Plan.Kind kind, String schema) {
        TableUses uses = TableUses.of(statement, schema, catalog);
        Structure.Change change = statement.structure().change();
        if (change != null && TableUses.isGivenRows(change)) {
            Plan.Table table = catalog.withoutSynonym(Planner.table(change.target(), schema));
            if (catalog.sharding(table.schema(), table.name()) instanceof Sharding.By by) {
                String name = table.toString();
                List<String> columns = catalog.columns().getOrDefault(name, List.of());
                PickedPlacement picked = new PickedPlacement(statement, uses, buckets);
                return new RowsPlacement(
                        statement.text(), change, new RowsPlacement.Target(name, by, columns), picked, buckets);
            }
        }
        return uses.sharded().isEmpty()
                ? new FixedPlacement(uses, kind, buckets)
                : new PickedPlacement(statement, uses, buckets);
    }
}
