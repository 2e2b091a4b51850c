package io.tunabledb.engine.node;

import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.shard.Replica;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The nodes of a database by their numbers, each as it was started last; and what can be said of them together. */
final class RunningNodes {
    private final int count;
    private final int shards;
    private final AtomicReferenceArray<RunningNode> running;

    RunningNodes(int count, int shards) {
        this.count = count;
        this.shards = shards;
        this.running = new AtomicReferenceArray<>(count + 1);
    }

    int count() {
        return count;
    }

    int shards() {
        return shards;
    }

    /** 1 and so on. */
    List<Integer> numbers() {
        return IntStream.rangeClosed(1, count).boxed().toList();
    }

    void put(int node, RunningNode started) {
        running.set(node, started);
    }

    /** Null before it is started for the first time. */
    @Nullable
    RunningNode find(int node) {
        return running.get(node);
    }

    RunningNode at(int node) {
        return Objects.requireNonNull(running.get(node), "node not started");
    }

    Replica replica(int node, int shard) {
        return at(node).replicas().get(shard);
    }

    Outbox outbox(int node) {
        return at(node).outbox();
    }

    /** Those of a shard, in the nodes' order. */
    List<Replica> replicas(int shard) {
        return numbers().stream().map(node -> replica(node, shard)).toList();
    }

    /** Those of the nodes that have been started. */
    List<Replica> allReplicas() {
        return numbers().stream()
                .map(running::get)
                .filter(Objects::nonNull)
                .flatMap(node -> node.replicas().stream())
                .toList();
    }

    /** Why a log of a node waits for its disk; null when none does. */
    @Nullable
    Shortage waitingLog(int node) {
        RunningNode here = running.get(node);
        return here == null ? null : here.waitingLog();
    }

    // ---- votes ----

    boolean isMajority(int nodes) {
        return 2 * nodes > count;
    }

    /** Whether a node runs and has its vote; one that was wiped gets it back when it has caught up. */
    boolean isVoting(int node) {
        return at(node).isVoting();
    }

    int votersBeside(int node) {
        return (int) numbers().stream()
                .filter(other -> other != node && isVoting(other))
                .count();
    }

    /** Whether the others that have their vote are a majority of all. */
    boolean hasVotersBeside(int node) {
        return isMajority(votersBeside(node));
    }

    // ---- outboxes ----

    /** The last number of an outbox that a shard has carried out, as far as any replica knows. */
    long carriedOut(int shard, long incarnation) {
        return replicas(shard).stream()
                .mapToLong(replica -> replica.outboxMark(incarnation))
                .max()
                .orElse(0);
    }

    /** The last number of an outbox that any shard has carried out, as far as any replica knows. */
    long carriedOut(long incarnation) {
        return IntStream.range(0, shards)
                .mapToLong(shard -> carriedOut(shard, incarnation))
                .max()
                .orElse(0);
    }
}
