package io.tunabledb.engine.h2;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * What a gathered statement does to the rows of a table.
 *
 * @param table the table
 * @param count what the statement answers
 * @param rows in no particular order but that of an INSERT's query; a row that stays as it was is not among them
 */
public record GatheredChanges(TableName table, long count, List<RowChange> rows) {

    public GatheredChanges {
        rows = List.copyOf(rows);
    }

    /**
     * The changes by the shard they are for. A row that is updated and belongs to another shard from then on is deleted
     * in one and inserted in the other.
     *
     * @param shardOf where a row belongs, by the values it has {@linkplain RowChange#after afterwards}; not asked of rows
     *     that are deleted
     */
    public SortedMap<Integer, ShardChanges> byShard(ToIntFunction<RowChange> shardOf) {
        SortedMap<Integer, ShardChanges> shards = new TreeMap<>();
        for (int i = 0; i < rows.size(); i++) {
            RowChange row = rows.get(i);
            int target = row.kind() == RowChange.Kind.DELETE ? row.shard() : shardOf.applyAsInt(row);
            if (row.kind() == RowChange.Kind.UPDATE && target != row.shard()) {
                RowChange.Place place = new RowChange.Place(row.shard(), row.key());
                of(shards, row.shard()).add(i, RowChange.delete(place));
                of(shards, target).add(i, row.moved());
            } else {
                of(shards, target).add(i, row);
            }
        }
        return shards;
    }

    private ShardChanges of(SortedMap<Integer, ShardChanges> shards, int shard) {
        return shards.computeIfAbsent(shard, any -> new ShardChanges(table, new ArrayList<>()));
    }
}
