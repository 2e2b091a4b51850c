package io.tunabledb.engine.h2.gather.change;

import io.tunabledb.engine.api.Parameters;
import io.tunabledb.engine.h2.sql.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a gathered statement does to the rows of a table.
 *
 * @param table the table
 * @param count what the statement answers
 * @param rows in no particular order but that of an INSERT's query; a row that stays as it was is not among them
 * @param types each column's type as SQL
 * @param unique the columns of unique keys
 * @param children what must refer to no row that moves to another shard
 */
public record GatheredChanges(
        TableName table,
        long count,
        List<RowChange> rows,
        Map<String, String> types,
        Set<String> unique,
        List<ChildCheck> children) {
    /** Each row of a statement looks its values up among those of all. */
    private static final int MOST_UPDATED_AT_ONCE = 100;

    public GatheredChanges {
        rows = List.copyOf(rows);
        types = Map.copyOf(types);
        unique = Set.copyOf(unique);
        children = List.copyOf(children);
    }

    /** Where a row belongs by the values it has {@linkplain RowChange#after afterwards}. */
    @FunctionalInterface
    public interface Target {
        int shardOf(RowChange row) throws SQLException;
    }

    /**
     * A statement for one shard, in the transaction that has read the rows: an ordinary one, with constraints, foreign keys,
     * defaults and identities.
     *
     * @param violation what is violated if the statement, a query then, finds a row; null for a change
     */
    public record Step(
            int shard,
            String sql,
            Parameters parameters,
            @Nullable String violation) {}

    /** Rows of one shard that change in the same columns. */
    private record Alike(int shard, List<String> changed) {}

    /**
     * What has to be done: checks and deletes first, then updates, then inserts in the order of the rows. A row that is updated and
     * belongs to another shard from then on is deleted in one and inserted in the other.
     *
     * @param target not asked of rows that are deleted
     */
    public List<Step> steps(Target target) throws SQLException {
        StepText text = new StepText(table, types);
        SortedMap<Integer, List<RowChange>> deletes = new TreeMap<>();
        SortedMap<Integer, List<RowChange>> moves = new TreeMap<>();
        Map<Alike, List<RowChange>> updates = new LinkedHashMap<>();
        List<Step> inserts = new ArrayList<>();
        for (RowChange row : rows) {
            int shard = row.kind() == RowChange.Kind.DELETE ? row.shard() : target.shardOf(row);
            if (row.kind() == RowChange.Kind.UPDATE && shard == row.shard()) {
                updates.computeIfAbsent(new Alike(shard, row.changed()), any -> new ArrayList<>())
                        .add(row);
                continue;
            }
            if (row.kind() == RowChange.Kind.UPDATE) {
                moves.computeIfAbsent(row.shard(), any -> new ArrayList<>()).add(row);
            }
            if (row.kind() != RowChange.Kind.INSERT) {
                deletes.computeIfAbsent(row.shard(), any -> new ArrayList<>()).add(row);
            }
            if (row.kind() != RowChange.Kind.DELETE) {
                inserts.add(text.insert(shard, row.kind() == RowChange.Kind.UPDATE ? row.moved() : row));
            }
        }
        List<Step> steps = new ArrayList<>();
        moves.forEach((shard, some) -> children.forEach(check -> steps.add(text.check(shard, some, check))));
        deletes.forEach((shard, some) -> steps.add(text.delete(shard, some)));
        updates.forEach((alike, some) ->
                together(alike, some).forEach(part -> steps.add(text.update(alike.shard(), alike.changed(), part))));
        steps.addAll(inserts);
        return steps;
    }

    /** Unique values may change places among rows, so these are updated in one statement. */
    private List<List<RowChange>> together(Alike alike, List<RowChange> rows) {
        if (!Collections.disjoint(alike.changed(), unique)) {
            return List.of(rows);
        }
        List<List<RowChange>> parts = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += MOST_UPDATED_AT_ONCE) {
            parts.add(rows.subList(from, Math.min(rows.size(), from + MOST_UPDATED_AT_ONCE)));
        }
        return parts;
    }
}
