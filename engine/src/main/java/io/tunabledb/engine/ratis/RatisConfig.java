package io.tunabledb.engine.ratis;

import io.tunabledb.engine.log.ReplicaStateMachine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * What one node of the replicated log needs to know.
 *
 * @param node this node, from 1
 * @param nodes all nodes of the database, this one included
 * @param database the database's id; nodes with different ids never talk
 * @param shards how many logs the node hosts, numbered from 0
 * @param directory where logs and snapshots live; one directory per node
 * @param durable whether an entry is synced to disk before it counts; false for a directory that lives in memory
 * @param firstLeader the node that stands for election in shard 0 at once when it starts, and the ones after it in the
 *     shards after that, so that the leaders' work is spread; 0 for none
 * @param electionTimeoutMin a follower that hears nothing for this long may stand for election
 * @param electionTimeoutMax and at the latest after this long
 * @param requestTimeout the deadline of an append and of a read index
 * @param leaderLease whether a leader that heard from a majority within the shortest election timeout may confirm a
 *     read index without asking again; saves a round, and trusts that clocks tick at the same speed
 * @param rejoining whether the node's directory was lost since it last belonged to the database, see {@link RatisNode}
 * @param maxEntryBytes the largest entry that can be appended; each shard keeps a buffer of this size
 * @param replicas makes the state machine of a shard
 */
public record RatisConfig(
        int node,
        List<Integer> nodes,
        UUID database,
        int shards,
        Path directory,
        boolean durable,
        int firstLeader,
        Duration electionTimeoutMin,
        Duration electionTimeoutMax,
        Duration requestTimeout,
        boolean leaderLease,
        boolean rejoining,
        int maxEntryBytes,
        IntFunction<ReplicaStateMachine> replicas) {

    /**
     * How long an append to the log of a node alone may take: what a stopped JVM never runs out. Its callers wait by time in
     * which this JVM ran.
     */
    private static final Duration OWN_LOG_REQUESTS = Duration.ofHours(1);

    public RatisConfig {
        nodes = List.copyOf(nodes);
        if (!nodes.contains(node) || nodes.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("node " + node + " of nodes " + nodes + ": numbers start at 1");
        }
        if (shards < 1) {
            throw new IllegalArgumentException("shards=" + shards + ": at least 1");
        }
        if (electionTimeoutMin.compareTo(electionTimeoutMax) >= 0) {
            throw new IllegalArgumentException(
                    "election timeout from " + electionTimeoutMin + " to " + electionTimeoutMax + " is no range");
        }
    }

    /** Whether this node is the one that stands for election first in a shard. */
    boolean isFirstLeader(int shard) {
        int first = nodes.indexOf(firstLeader);
        return !rejoining && first >= 0 && nodes.get((first + shard) % nodes.size()) == node;
    }

    /** The same node, in no hurry to lead anything. */
    RatisConfig withoutFirstLeader() {
        return new RatisConfig(
                node,
                nodes,
                database,
                shards,
                directory,
                durable,
                0,
                electionTimeoutMin,
                electionTimeoutMax,
                requestTimeout,
                leaderLease,
                rejoining,
                maxEntryBytes,
                replicas);
    }

    /** The same node as the only member of a group. */
    RatisConfig alone(Path folder, int maxBytes) {
        return new RatisConfig(
                node,
                List.of(node),
                database,
                1,
                folder,
                durable,
                node,
                electionTimeoutMin,
                electionTimeoutMax,
                OWN_LOG_REQUESTS,
                false,
                false,
                maxBytes,
                replicas);
    }
}
