package io.tunabledb.engine.plan;

import io.tunabledb.engine.plan.placement.BucketMap;
import io.tunabledb.engine.plan.placement.Descriptions;
import io.tunabledb.engine.plan.placement.KeyValue;
import io.tunabledb.engine.plan.placement.KeyValues;
import io.tunabledb.engine.plan.placement.Placement;
import io.tunabledb.engine.plan.placement.Pruning;
import io.tunabledb.engine.plan.placement.ShardRoute;
import io.tunabledb.engine.plan.placement.ShardedUse;
import io.tunabledb.sql.Statement;
import io.tunabledb.sql.Structure;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A statement that picks rows of sharded tables: a query, an UPDATE or DELETE, or what gives an INSERT its rows. */
final class PickedPlacement implements Placement {
    private final TableUses uses;
    private final Pruning pruning;
    private final BucketMap buckets;
    private final boolean isSameOnEach;
    private final boolean isJoinedByKey;
    /** What the shard key is set to; null when it isn't set, or it can't be told to what. */
    private final @Nullable KeyValue newKey;

    private final boolean staysInShard;
    private final boolean isRun;
    private final ShardRoute[] oneShard;
    /** The key that alone decides, which is what nearly all statements have; null when there is more to it. */
    private final @Nullable KeyValue point;

    PickedPlacement(Statement.Sql statement, TableUses uses, BucketMap buckets) {
        this.uses = uses;
        this.buckets = buckets;
        pruning = new Pruning(statement.structure(), uses.sharded(), buckets);
        Structure.Change change = statement.structure().change();
        ShardedUse target = change == null ? null : targetOf(change);
        newKey = target == null || change == null ? null : newKey(change, target);
        // what a query changes inside may belong to another shard then, or come from nowhere
        staysInShard = change == null ? !changesInside(statement) : change.assignments() != null;
        isRun = statement.structure().isRun();
        isSameOnEach = target != null
                && change != null
                && change.isRowByRow()
                && staysInShard
                && newKey == null
                && uses.single().isEmpty()
                && !uses.writesReference()
                && pruning.isColocatedWithFirst();
        boolean isAlone = uses.single().isEmpty() && !uses.writesReference() && newKey == null && staysInShard;
        isJoinedByKey = isAlone && change == null && pruning.isColocatedWithFirst();
        point = isAlone ? pruning.point() : null;
        oneShard = new ShardRoute[buckets.shards()];
        for (int shard = 0; shard < oneShard.length; shard++) {
            oneShard[shard] = uses.writesReference() ? new ShardRoute.OnReference() : new ShardRoute.OneShard(shard);
        }
    }

    private static boolean changesInside(Statement.Sql statement) {
        return statement.operation().isRead()
                && statement.tables().stream().anyMatch(table -> table.use() == Statement.Use.WRITE);
    }

    private @Nullable ShardedUse targetOf(Structure.Change change) {
        if (TableUses.isGivenRows(change) || uses.sharded().isEmpty()) {
            return null;
        }
        // the block of an UPDATE or DELETE is the first, and its target the first there
        ShardedUse first = uses.sharded().get(0);
        return first.block() == 0 && first.occurrence() == 0 ? first : null;
    }

    private @Nullable KeyValue newKey(Structure.Change change, ShardedUse target) {
        List<Structure.Assignment> assignments = change.assignments();
        if (assignments == null) {
            return null;
        }
        KeyValue found = null;
        for (Structure.Assignment assignment : assignments) {
            if (assignment.column().equals(target.by().column())) {
                found = KeyValue.stored(target.by().type(), buckets, assignment.value());
            }
        }
        return found;
    }

    @Override
    public ShardRoute route(KeyValues values) {
        int known = point == null ? KeyValue.UNKNOWN : point.shard(values);
        if (known != KeyValue.UNKNOWN) {
            return oneShard[known];
        }
        BitSet[] shards = pruning.shards(values);
        BitSet all = union(shards);
        if (all.cardinality() <= 1 && staysInShard) {
            int shard = Math.max(all.nextSetBit(0), 0);
            if (newKey == null || newKey.shard(values) == shard) {
                return oneShard[shard];
            }
        }
        if (!isRun) {
            // each shard would plan it much the same
            return oneShard[0];
        }
        return isSameOnEach ? new ShardRoute.SameOnEach(sorted(shards[0])) : gather(shards);
    }

    /** The shards it needs together; shard 0 for unsharded tables. */
    BitSet needed(KeyValues values) {
        return union(pruning.shards(values));
    }

    private BitSet union(BitSet[] shards) {
        BitSet all = new BitSet(buckets.shards());
        for (BitSet one : shards) {
            all.or(one);
        }
        if (!uses.single().isEmpty() || uses.writesReference()) {
            all.set(0);
        }
        return all;
    }

    /** Which rows of which shards it has to bring together; all of {@code target}, which can be anywhere in its way. */
    ShardRoute gather(KeyValues values, String target) {
        TreeMap<String, SortedSet<Integer>> tables =
                new TreeMap<>(gather(pruning.shards(values)).shards());
        tables.put(target, buckets.all());
        return new ShardRoute.Gather(tables, false);
    }

    private ShardRoute.Gather gather(BitSet[] shards) {
        TreeMap<String, SortedSet<Integer>> tables = new TreeMap<>();
        uses.single().forEach(table -> tables.put(table, new TreeSet<>(List.of(0))));
        for (int i = 0; i < shards.length; i++) {
            tables.computeIfAbsent(uses.sharded().get(i).table(), any -> new TreeSet<>())
                    .addAll(sorted(shards[i]));
        }
        return new ShardRoute.Gather(tables, isJoinedByKey);
    }

    private static SortedSet<Integer> sorted(BitSet shards) {
        TreeSet<Integer> sorted = new TreeSet<>();
        shards.stream().forEach(sorted::add);
        return sorted;
    }

    @Override
    public SortedSet<Integer> shards() {
        if (uses.writesReference() || newKey != null || !staysInShard) {
            return buckets.all();
        }
        return sorted(needed(KeyValues.UNKNOWN));
    }

    @Override
    public List<String> describe() {
        List<String> lines = new ArrayList<>();
        BitSet[] shards = pruning.shards(KeyValues.UNKNOWN);
        for (int i = 0; i < shards.length; i++) {
            ShardedUse use = uses.sharded().get(i);
            List<String> reasons = pruning.reasons(i);
            lines.add(use.table() + " sharded by " + use.by().column() + ": "
                    + (shards[i].cardinality() == buckets.shards()
                            ? "all " + buckets.shards() + " shards"
                            : "shards " + shards[i] + " of " + buckets.shards())
                    + (reasons.isEmpty() ? "" : ", pruned by " + String.join(" and ", reasons)));
        }
        lines.add(Descriptions.of(route(KeyValues.UNKNOWN)));
        return lines;
    }
}
