package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The wait of a database that is being opened for the leaders of its shards. It ends when nothing has moved for as long as {@code
 * startTimeout} says: a machine that is busy, or a log that is long, makes an opening slow, not fail.
 */
final class Opening {
    private static final long LOOK_NANOS = 1_000_000;

    private final RunningNodes nodes;
    private final Duration patience;
    private long seen;
    private Deadline deadline;

    /**
     * @param patience how long nothing may move
     */
    Opening(RunningNodes nodes, Duration patience) {
        this.nodes = nodes;
        this.patience = patience;
        this.deadline = Deadline.in(patience);
    }

    /** The leader of a shard, ready to serve. */
    Replica awaitLeader(int shard) throws IOException {
        while (true) {
            List<Replica> replicas = replicas(shard);
            for (Replica replica : replicas) {
                if (replica.status().leading()) {
                    return replica;
                }
            }
            requireApplicable(shard);
            requireProgress(shard, replicas);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Some entry may stop so many replicas that the others are no majority. */
    void requireApplicable(int shard) throws UnappliableEntryException {
        UnappliableEntryException stopped = UnappliableEntryException.in(replicas(shard));
        if (stopped != null) {
            throw stopped;
        }
    }

    /** Waits until every replica has caught up, or stopped, and those that stopped are a minority. */
    void awaitApplicable() throws IOException {
        for (int shard = 0; shard < nodes.shards(); shard++) {
            List<Replica> replicas = replicas(shard);
            while (!replicas.stream().allMatch(replica -> replica.isReady() || replica.failure() != null)) {
                requireApplicable(shard);
                requireProgress(shard, replicas);
                LockSupport.parkNanos(LOOK_NANOS);
            }
            requireApplicable(shard);
        }
    }

    private List<Replica> replicas(int shard) {
        return nodes.replicas(shard);
    }

    private void requireProgress(int shard, List<Replica> replicas) throws IOException {
        long now = IntStream.range(0, nodes.shards())
                .mapToObj(this::replicas)
                .flatMap(List::stream)
                .mapToLong(replica -> replica.applied() + replica.status().commitIndex())
                .sum();
        if (now != seen) {
            seen = now;
            deadline = Deadline.in(patience);
        } else if (deadline.isPast()) {
            throw new IOException(
                    "no leader of shard " + shard + " was elected, and nothing has moved for startTimeout="
                            + patience.toMillis() + " ms: found "
                            + replicas.stream().map(Opening::describe).collect(Collectors.joining(", "))
                            + "; the nodes' logs say why; on a machine that is too busy allow more time");
        }
    }

    private static String describe(Replica replica) {
        Throwable failure = replica.failure();
        if (failure != null) {
            return replica.nodeName() + " stopped by " + failure;
        }
        LogStatus status = replica.status();
        return replica.nodeName() + " in term " + status.term() + " with " + replica.applied() + " of "
                + status.lastIndex() + " entries applied";
    }
}
