package io.tunabledb.engine.ratis;

import io.tunabledb.engine.log.ReplicaStateMachine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;

/** A node's configuration as tests want it: one shard on disk, synced, unless they say otherwise. */
final class TestConfig {
    static final int MAX_ENTRY_BYTES = 8 << 20;

    private final int node;
    private final List<Integer> nodes;
    private final UUID database;
    private final Path directory;
    private final IntFunction<ReplicaStateMachine> replicas;
    private int shards = 1;
    private boolean durable = true;
    private Duration electionTimeoutMin = Duration.ofMillis(400);
    private Duration electionTimeoutMax = Duration.ofMillis(800);
    private Duration requestTimeout = Duration.ofSeconds(3);
    private boolean leaderLease;
    private boolean rejoining;

    TestConfig(
            int node, List<Integer> nodes, UUID database, Path directory, IntFunction<ReplicaStateMachine> replicas) {
        this.node = node;
        this.nodes = nodes;
        this.database = database;
        this.directory = directory;
        this.replicas = replicas;
    }

    TestConfig shards(int count) {
        shards = count;
        return this;
    }

    TestConfig durable(boolean synced) {
        durable = synced;
        return this;
    }

    TestConfig electionTimeout(Duration min, Duration max) {
        electionTimeoutMin = min;
        electionTimeoutMax = max;
        return this;
    }

    TestConfig requestTimeout(Duration timeout) {
        requestTimeout = timeout;
        return this;
    }

    TestConfig leaderLease(boolean lease) {
        leaderLease = lease;
        return this;
    }

    TestConfig rejoining(boolean wiped) {
        rejoining = wiped;
        return this;
    }

    /** The first of the nodes stands for election at once. */
    RatisConfig make() {
        return new RatisConfig(
                node,
                nodes,
                database,
                shards,
                directory,
                durable,
                nodes.get(0),
                electionTimeoutMin,
                electionTimeoutMax,
                requestTimeout,
                leaderLease,
                rejoining,
                MAX_ENTRY_BYTES,
                replicas);
    }
}
