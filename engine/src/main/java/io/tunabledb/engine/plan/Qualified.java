package io.tunabledb.engine.plan;

import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Structure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gives tables that a statement names without schema the one in which they are found. The text stays as it is. */
public final class Qualified {
    private final Function<String, @Nullable String> schemaOf;
    private final Map<String, Statement.TableUse> known = new HashMap<>();

    private Qualified(Function<String, @Nullable String> schemaOf) {
        this.schemaOf = schemaOf;
    }

    /**
     * The statement with its tables' schemas.
     *
     * @param schemaOf where a table of that name is; null when nowhere, and then it stays without
     */
    public static Statement.Sql of(Statement.Sql statement, Function<String, @Nullable String> schemaOf) {
        Qualified qualified = new Qualified(schemaOf);
        return new Statement.Sql(
                statement.text(),
                statement.operation(),
                statement.tables().stream().map(qualified::use).toList(),
                statement.traits(),
                statement.parameterCount(),
                qualified.structure(statement.structure()),
                statement.needs().stream().map(qualified::need).toList(),
                statement.asked());
    }

    private Statement.TableUse use(Statement.TableUse use) {
        return use.schema() != null
                ? use
                : known.computeIfAbsent(
                        use.use() + use.name(),
                        any -> new Statement.TableUse(schemaOf.apply(use.name()), use.name(), use.use()));
    }

    private Statement.Need need(Statement.Need need) {
        return need.schema() != null || need.name().isEmpty()
                ? need
                : new Statement.Need(schemaOf.apply(need.name()), need.name(), need.right());
    }

    private Structure structure(Structure structure) {
        List<Structure.Block> blocks = structure.blocks().stream()
                .map(block -> new Structure.Block(
                        block.outer(),
                        block.tables().stream()
                                .map(each ->
                                        new Structure.Occurrence(use(each.table()), each.qualifier(), each.isPlain()))
                                .toList(),
                        block.restrictions()))
                .toList();
        Structure.Change change = structure.change();
        return new Structure(blocks, change == null ? null : change(Objects.requireNonNull(change)), structure.isRun());
    }

    private Structure.Change change(Structure.Change change) {
        return new Structure.Change(
                change.verb(),
                use(change.target()),
                change.columns(),
                change.keys(),
                change.rows(),
                change.assignments(),
                change.after(),
                change.isRowByRow(),
                change.isSplittable());
    }
}
