package io.tunabledb.engine.plan;

import io.tunabledb.consistency.Rule;
import io.tunabledb.engine.plan.placement.ShardedUse;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Structure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The uses of tables in a statement by where their rows are.
 *
 * @param sharded the uses of sharded tables, without the target of an INSERT or MERGE
 * @param single the unsharded tables, {@code SCHEMA.TABLE}
 * @param writesReference whether a REFERENCE table is changed
 */
record TableUses(List<ShardedUse> sharded, Set<String> single, boolean writesReference) {

    /** Finds those of a statement, behind views too. */
    public static TableUses of(Statement.Sql statement, String schema, Catalog catalog) {
        return new Search(schema, catalog).uses(statement);
    }

    private static final class Search {
        private final String schema;
        private final Catalog catalog;
        private final List<ShardedUse> sharded = new ArrayList<>();
        private final Set<String> single = new TreeSet<>();
        private boolean writesReference;

        Search(String schema, Catalog catalog) {
            this.schema = schema;
            this.catalog = catalog;
        }

        TableUses uses(Statement.Sql statement) {
            Structure structure = statement.structure();
            List<Structure.Block> blocks = structure.blocks();
            for (int block = 0; block < blocks.size(); block++) {
                List<Structure.Occurrence> tables = blocks.get(block).tables();
                for (int i = 0; i < tables.size(); i++) {
                    occurrence(block, i, tables.get(i));
                }
            }
            for (Plan.Table read : catalog.effects().ofDomains(statement.text())) {
                if (catalog.sharding(read.schema(), read.name()) instanceof Sharding.Single) {
                    single.add(read.toString());
                }
            }
            Structure.Change change = structure.change();
            if (change != null && isGivenRows(change)) {
                target(change.target());
            } else if (blocks.isEmpty()) {
                // no query and no change, but CALL and the like
                for (Statement.TableUse table : statement.tables()) {
                    occurrence(-1, 0, new Structure.Occurrence(table, table.name(), false));
                }
            }
            return new TableUses(List.copyOf(sharded), Set.copyOf(single), writesReference);
        }

        private void target(Statement.TableUse target) {
            Plan.Table table = catalog.withoutSynonym(Planner.table(target, schema));
            Sharding sharding = catalog.sharding(table.schema(), table.name());
            writesReference |= sharding instanceof Sharding.Reference;
            if (sharding instanceof Sharding.Single) {
                single.add(table.toString());
            }
        }

        private void occurrence(int block, int at, Structure.Occurrence occurrence) {
            Statement.TableUse use = occurrence.table();
            if (catalog.isBuiltIn(use, schema)) {
                return;
            }
            boolean isWrite = use.use() == Statement.Use.WRITE;
            List<Rule.Table> behind = catalog.views().get(schemaOf(use) + "." + use.name());
            if (behind == null) {
                table(schemaOf(use), use.name(), isWrite, block, at, occurrence);
                return;
            }
            Structure.Occurrence hidden = new Structure.Occurrence(use, occurrence.qualifier(), false);
            behind.forEach(
                    table -> table(Objects.requireNonNull(table.schema()), table.name(), isWrite, block, at, hidden));
        }

        private void table(
                String inSchema, String name, boolean isWrite, int block, int at, Structure.Occurrence occurrence) {
            Sharding sharding = catalog.sharding(inSchema, name);
            if (sharding instanceof Sharding.By by) {
                sharded.add(new ShardedUse(
                        inSchema + "." + name, by, block, at, occurrence.qualifier(), occurrence.isPlain()));
            } else if (sharding instanceof Sharding.Reference) {
                writesReference |= isWrite;
            } else {
                single.add(inSchema + "." + name);
            }
        }

        private String schemaOf(Statement.TableUse table) {
            return Objects.requireNonNullElse(table.schema(), schema);
        }
    }

    /** Whether a change brings its rows, rather than picks them from its target. */
    static boolean isGivenRows(Structure.Change change) {
        return change.verb() != Structure.Verb.UPDATE && change.verb() != Structure.Verb.DELETE;
    }
}
