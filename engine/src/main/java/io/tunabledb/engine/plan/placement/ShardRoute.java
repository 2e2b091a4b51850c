package io.tunabledb.engine.plan.placement;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Where one execution of a statement runs, its parameters known. */
public sealed interface ShardRoute {

    /**
     * The text as it is, in one shard.
     *
     * @param shard which
     * @param isAny whether every other shard would do as well: it reads REFERENCE tables only, or it is an INSERT that
     *     leaves its shard key to storage
     */
    record OneShard(int shard, boolean isAny) implements ShardRoute {
        /** In that shard and no other. */
        public OneShard(int shard) {
            this(shard, false);
        }
    }

    /** An UPDATE or DELETE as it is in each of several shards; their update counts add up. */
    record SameOnEach(SortedSet<Integer> shards) implements ShardRoute {
        public SameOnEach {
            shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
        }
    }

    /** Rows for several shards, each of which gets its own. */
    record Split(SortedMap<Integer, Part> parts) implements ShardRoute {
        public Split {
            parts = Collections.unmodifiableSortedMap(new TreeMap<>(parts));
        }

        /**
         * What one shard gets.
         *
         * @param sql the statement with its rows only
         * @param parameters the statement's JDBC index of each {@code ?} of {@code sql}, in order
         * @param rows the number of each of its rows in the statement, from 0, in order
         */
        public record Part(String sql, List<Integer> parameters, List<Integer> rows) {
            public Part {
                parameters = List.copyOf(parameters);
                rows = List.copyOf(rows);
            }
        }
    }

    /** A write to a REFERENCE table: it runs in shard 0, and the rows it changed there are copied to all others. */
    record OnReference() implements ShardRoute {}

    /**
     * Everything else: the rows it needs are brought together and it runs over them.
     *
     * @param shards for each table, {@code SCHEMA.TABLE}, the shards whose rows can matter to it; none, when no statement needs
     *     any. Unsharded tables are in shard 0; those with rows in every shard are left out
     * @param isJoinedByKey whether a row of the first sharded table meets, in the whole statement, only rows of its own shard
     */
    record Gather(SortedMap<String, SortedSet<Integer>> shards, boolean isJoinedByKey) implements ShardRoute {
        /** The sharded tables, if equal shard keys bring them together; else none. */
        public Set<String> together() {
            return isJoinedByKey ? shards.keySet() : Set.of();
        }

        public Gather {
            TreeMap<String, SortedSet<Integer>> copy = new TreeMap<>();
            for (Map.Entry<String, SortedSet<Integer>> table : shards.entrySet()) {
                copy.put(table.getKey(), Collections.unmodifiableSortedSet(new TreeSet<>(table.getValue())));
            }
            shards = Collections.unmodifiableSortedMap(copy);
        }
    }
}
