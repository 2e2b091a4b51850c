package io.tunabledb.engine.plan;

import io.tunabledb.engine.plan.placement.BucketMap;
import io.tunabledb.engine.plan.placement.Descriptions;
import io.tunabledb.engine.plan.placement.KeyValue;
import io.tunabledb.engine.plan.placement.KeyValues;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.engine.plan.placement.Sharding;
import io.tunabledb.sql.Structure;
import io.tunabledb.sql.Structure.Change;
import io.tunabledb.sql.Structure.Row;
import io.tunabledb.sql.Structure.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** An INSERT, REPLACE or MERGE into a sharded table. */
final class RowsPlacement implements Placement {
    private static final int GENERATED = -2;

    private final String text;
    private final Change change;
    private final String target;
    private final Sharding.By by;
    private final PickedPlacement picked;
    private final BucketMap buckets;
    /** Each row's key. Empty when the rows, or where they go, can't be told. */
    private final List<KeyValue> keys;

    /**
     * @param text the statement's
     * @param picked where the rows are that its subqueries read
     */
    RowsPlacement(String text, Change change, Target target, PickedPlacement picked, BucketMap buckets) {
        this.text = text;
        this.change = change;
        this.target = target.table();
        this.by = target.by();
        this.picked = picked;
        this.buckets = buckets;
        this.keys =
                isDecidedByKey() ? keys(change.columns().isEmpty() ? target.columns() : change.columns()) : List.of();
    }

    /**
     * The table the rows go to.
     *
     * @param table {@code SCHEMA.TABLE}
     * @param columns those an INSERT without columns fills, in order; empty when not known
     */
    record Target(String table, Sharding.By by, List<String> columns) {}

    /** Whether a row goes to the shard of its key and can meet only rows there. */
    private boolean isDecidedByKey() {
        List<Structure.Assignment> assignments = change.assignments();
        return assignments != null
                && assignments.stream()
                        .noneMatch(assignment -> assignment.column().equals(by.column()))
                && (change.keys().isEmpty() || change.keys().contains(by.column()));
    }

    private List<KeyValue> keys(List<String> columns) {
        int at = columns.indexOf(by.column());
        List<KeyValue> found = new ArrayList<>(change.rows().size());
        for (Row row : change.rows()) {
            boolean fits = row.cells().size() == columns.size();
            boolean isGenerated = row.cells().isEmpty()
                    || (fits && at < 0 && !columns.isEmpty())
                    || (fits && at >= 0 && row.cells().get(at) instanceof Value.Default);
            if (isGenerated) {
                found.add(values -> GENERATED);
            } else {
                found.add(KeyValue.stored(
                        by.type(), buckets, fits && at >= 0 ? row.cells().get(at) : new Value.Other()));
            }
        }
        return found;
    }

    @Override
    public ShardRoute route(KeyValues values) {
        if (keys.isEmpty()) {
            return gather(values);
        }
        int[] shards = new int[keys.size()];
        boolean isOne = true;
        for (int i = 0; i < shards.length; i++) {
            shards[i] = keys.get(i).shard(values);
            if (shards[i] == KeyValue.UNKNOWN) {
                return gather(values);
            }
            isOne &= shards[i] == shards[0];
        }
        BitSet needed = picked.needed(values);
        if (isOne) {
            boolean isAny = shards[0] == GENERATED;
            int shard = isAny ? Math.max(needed.nextSetBit(0), 0) : shards[0];
            boolean isFree = isAny && needed.isEmpty();
            needed.set(shard);
            return needed.cardinality() > 1 ? gather(values) : new ShardRoute.OneShard(shard, isFree);
        }
        boolean isSplit = change.isSplittable() && needed.isEmpty();
        for (int shard : shards) {
            isSplit &= shard >= 0;
        }
        return isSplit ? split(shards) : gather(values);
    }

    private ShardRoute gather(KeyValues values) {
        return picked.gather(values, target);
    }

    private ShardRoute split(int[] shards) {
        SortedMap<Integer, List<Integer>> rows = new TreeMap<>();
        for (int i = 0; i < shards.length; i++) {
            rows.computeIfAbsent(shards[i], any -> new ArrayList<>()).add(i);
        }
        SortedMap<Integer, ShardRoute.Split.Part> parts = new TreeMap<>();
        rows.forEach((shard, of) -> parts.put(shard, part(of)));
        return new ShardRoute.Split(parts);
    }

    private ShardRoute.Split.Part part(List<Integer> numbers) {
        List<Row> all = change.rows();
        StringBuilder sql = new StringBuilder(text.substring(0, all.get(0).start()));
        List<Integer> parameters = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            Row row = all.get(numbers.get(i));
            sql.append(i == 0 ? "" : ", ").append(text, row.start(), row.end());
            parameters.addAll(row.parameters());
        }
        sql.append(text.substring(all.get(all.size() - 1).end()));
        parameters.addAll(change.after());
        return new ShardRoute.Split.Part(sql.toString(), parameters, numbers);
    }

    @Override
    public SortedSet<Integer> shards() {
        return buckets.all();
    }

    @Override
    public List<String> describe() {
        List<String> lines = new ArrayList<>();
        lines.add(target + " is sharded by " + by.column() + ": each row goes to the shard of its key");
        lines.add(Descriptions.of(route(KeyValues.UNKNOWN)));
        return lines;
    }
}
