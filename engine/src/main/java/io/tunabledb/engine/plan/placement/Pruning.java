package io.tunabledb.engine.plan.placement;

import io.tunabledb.sql.Structure;
import io.tunabledb.sql.Structure.Column;
import io.tunabledb.sql.Structure.Condition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * In which shards the rows are that can matter to each use of a sharded table. What a use is restricted by is sound for
 * each use by itself: leaving out rows that don't fulfil it changes no result.
 */
public final class Pruning {
    private static final int NOBODY = -1;

    private final Structure structure;
    private final List<ShardedUse> uses;
    private final BucketMap buckets;
    private final List<Test> tests = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    private final List<Set<String>> reasons = new ArrayList<>();
    private @Nullable KeyValue point;

    /** A condition with its columns found. */
    private interface Test {
        /** Leaves, for each use, the shards that can have rows it holds for. */
        void keep(BitSet[] shards, KeyValues values);
    }

    /** Rows of {@code to} matter only together with rows of {@code from} that have an equal shard key. */
    private record Edge(int from, int to) {}

    public Pruning(Structure structure, List<ShardedUse> uses, BucketMap buckets) {
        this.structure = structure;
        this.uses = uses;
        this.buckets = buckets;
        uses.forEach(use -> reasons.add(new LinkedHashSet<>()));
        List<Structure.Block> blocks = structure.blocks();
        for (int block = 0; block < blocks.size(); block++) {
            for (Structure.Restriction restriction : blocks.get(block).restrictions()) {
                restrict(block, restriction);
            }
        }
    }

    /** The one key of the one use there is; null when there are more, or none is certain. */
    @Nullable
    public KeyValue point() {
        return uses.size() == 1 ? point : null;
    }

    /** What may restrict a use, in words. */
    public List<String> reasons(int use) {
        return List.copyOf(reasons.get(use));
    }

    /** The shards each use needs, in their order. */
    public BitSet[] shards(KeyValues values) {
        BitSet[] shards = new BitSet[uses.size()];
        for (int i = 0; i < shards.length; i++) {
            shards[i] = new BitSet(buckets.shards());
            shards[i].set(0, buckets.shards());
        }
        tests.forEach(test -> test.keep(shards, values));
        boolean changed = !edges.isEmpty();
        while (changed) {
            changed = false;
            for (Edge edge : edges) {
                int before = shards[edge.to].cardinality();
                shards[edge.to].and(shards[edge.from]);
                changed |= shards[edge.to].cardinality() < before;
            }
        }
        return shards;
    }

    /** Whether rows of every use matter only to rows of the first in their own shard. */
    public boolean isColocatedWithFirst() {
        BitSet reached = new BitSet(uses.size());
        reached.set(0);
        Deque<Integer> open = new ArrayDeque<>(List.of(0));
        while (!open.isEmpty()) {
            int from = open.pop();
            for (Edge edge : edges) {
                if (edge.from == from && !reached.get(edge.to)) {
                    reached.set(edge.to);
                    open.push(edge.to);
                }
            }
        }
        return reached.cardinality() == uses.size();
    }

    // ---- from columns to uses ----

    private void restrict(int block, Structure.Restriction restriction) {
        Scope scope = new Scope(block, restriction.from(), restriction.to());
        Test test = test(restriction.condition(), scope, true);
        if (test != null) {
            tests.add(test);
        }
    }

    /** Where a condition stands, and which of the block's tables it restricts. */
    private record Scope(int block, int from, int to) {}

    private @Nullable Test test(Condition condition, Scope scope, boolean isCertain) {
        if (condition instanceof Condition.In in) {
            int use = find(in.column(), scope.block);
            if (use == NOBODY || !isRestricted(use, scope)) {
                return null;
            }
            reasons.get(use).add(text(in));
            return in(use, in.values(), isCertain);
        }
        if (condition instanceof Condition.Same same) {
            if (isCertain) {
                same(same, scope);
            }
            return null;
        }
        if (condition instanceof Condition.And and) {
            List<Test> parts = new ArrayList<>();
            for (Condition part : and.parts()) {
                Test test = test(part, scope, isCertain);
                if (test != null) {
                    parts.add(test);
                }
            }
            return parts.isEmpty() ? null : (shards, values) -> parts.forEach(part -> part.keep(shards, values));
        }
        List<Test> branches = new ArrayList<>();
        for (Condition part : ((Condition.Or) condition).parts()) {
            Test test = test(part, scope, false);
            if (test == null) {
                return null;
            }
            branches.add(test);
        }
        return (shards, values) -> either(branches, shards, values);
    }

    private static String text(Condition.In in) {
        if (in.values().size() > 1) {
            return in.column().name() + " IN " + in.values().size() + " values";
        }
        Structure.Value value = in.values().get(0);
        return in.column().name() + " = "
                + (value instanceof Structure.Value.Parameter parameter
                        ? "parameter " + parameter.index()
                        : ((Structure.Value.Literal) value).text());
    }

    private static void either(List<Test> branches, BitSet[] shards, KeyValues values) {
        BitSet[] union = new BitSet[shards.length];
        Arrays.setAll(union, i -> new BitSet());
        for (Test branch : branches) {
            BitSet[] one = new BitSet[shards.length];
            Arrays.setAll(one, i -> (BitSet) shards[i].clone());
            branch.keep(one, values);
            for (int i = 0; i < one.length; i++) {
                union[i].or(one[i]);
            }
        }
        for (int i = 0; i < shards.length; i++) {
            shards[i].and(union[i]);
        }
    }

    private Test in(int use, List<Structure.Value> given, boolean isCertain) {
        KeyType type = uses.get(use).by().type();
        List<KeyValue> keys = given.stream()
                .map(value -> KeyValue.compared(type, buckets, value))
                .toList();
        if (isCertain && keys.size() == 1) {
            point = keys.get(0);
        }
        return (shards, values) -> {
            BitSet found = new BitSet(buckets.shards());
            for (KeyValue key : keys) {
                int shard = key.shard(values);
                if (shard == KeyValue.UNKNOWN) {
                    return;
                }
                found.set(shard);
            }
            shards[use].and(found);
        };
    }

    private void same(Condition.Same same, Scope scope) {
        int left = find(same.left(), scope.block);
        int right = find(same.right(), scope.block);
        if (left == NOBODY || right == NOBODY || left == right) {
            return;
        }
        if (!isComparedAlike(uses.get(left).by().type(), uses.get(right).by().type())) {
            return;
        }
        if (isRestricted(right, scope)) {
            edges.add(new Edge(left, right));
            reasons.get(right).add("its key equal to that of " + uses.get(left).qualifier());
        }
        if (isRestricted(left, scope)) {
            edges.add(new Edge(right, left));
            reasons.get(left).add("its key equal to that of " + uses.get(right).qualifier());
        }
    }

    /** Whether equal values of both types have one canonical form. */
    private static boolean isComparedAlike(KeyType left, KeyType right) {
        return left.kind() == right.kind()
                || (left.kind().isNumber() && right.kind().isNumber());
    }

    /** A block's own columns are restricted by its conditions, those of a block around it are not. */
    private boolean isRestricted(int use, Scope scope) {
        ShardedUse found = uses.get(use);
        return found.block() == scope.block && found.occurrence() >= scope.from && found.occurrence() < scope.to;
    }

    /** The use whose shard key a column is. */
    private int find(Column column, int block) {
        String qualifier = column.table();
        for (int at = block; at != NOBODY; at = structure.blocks().get(at).outer()) {
            int found = NOBODY;
            for (int i = 0; i < uses.size(); i++) {
                ShardedUse use = uses.get(i);
                boolean fits = use.block() == at && (qualifier == null || qualifier.equals(use.qualifier()));
                if (fits && use.isPlain() && use.by().column().equals(column.name())) {
                    if (found != NOBODY) {
                        return NOBODY;
                    }
                    found = i;
                }
            }
            boolean isNamedHere = qualifier == null
                    || structure.blocks().get(at).tables().stream()
                            .anyMatch(table -> table.qualifier().equals(qualifier));
            if (found != NOBODY || isNamedHere) {
                return found;
            }
        }
        return NOBODY;
    }
}
