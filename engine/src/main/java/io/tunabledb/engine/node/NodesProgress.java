package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.outbox.OutboxStatus;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the nodes have come with what they acknowledged: written down for the next start ({@link Reached}), compared with
 * what was written down before, and waited for at the end.
 */
final class NodesProgress {
    private static final Logger LOG = LoggerFactory.getLogger(NodesProgress.class);

    private final DatabaseDirectory directory;
    private final RunningNodes nodes;
    private final Reached reached;

    NodesProgress(DatabaseDirectory directory, RunningNodes nodes, Reached reached) {
        this.directory = directory;
        this.nodes = nodes;
        this.reached = reached;
    }

    /** Notes it from now on. */
    void begin(Workers workers) {
        reached.begin(workers.timer(), workers.executor(), this::note);
    }

    /** What any replica of a shard has applied, a majority has. */
    private void note(Reached.State state) {
        noteVotes();
        for (int shard = 0; shard < nodes.shards(); shard++) {
            long most = 0;
            for (Replica replica : nodes.replicas(shard)) {
                most = Math.max(most, replica.applied());
            }
            state.applied(shard, most);
        }
        for (int node : nodes.numbers()) {
            OutboxStatus status = nodes.outbox(node).status();
            Reached.Given before = reached.outbox(node);
            if (status.incarnation() != 0) {
                state.acknowledged(node, new Reached.Given(status.incarnation(), status.accepted()));
            } else if (before != null) {
                state.acknowledged(node, before);
            }
        }
    }

    /** A node that has its vote back starts with it from now on. */
    private void noteVotes() {
        for (int node : nodes.numbers()) {
            try {
                if (nodes.isVoting(node)) {
                    directory.endRejoining(node);
                }
            } catch (IOException e) {
                LOG.debug("n{} has its vote; noted later", node, e);
            }
        }
    }

    /** An outbox that is gone looks like one that never was: what it had acknowledged and no shard carried out is lost. */
    void reportLostOutboxes() {
        for (int node : nodes.numbers()) {
            Reached.Given given = reached.outbox(node);
            if (given != null && given.accepted() > nodes.carriedOut(given.incarnation())) {
                nodes.outbox(node).expect(given.incarnation(), given.accepted(), nodes.carriedOut(given.incarnation()));
            }
        }
    }

    /** Waits until what the outboxes acknowledged is carried out, while there is a leader to do it. */
    void drainOutboxes(Duration patience) {
        Deadline deadline = Deadline.in(patience);
        for (int node : nodes.numbers()) {
            RunningNode stopping = nodes.find(node);
            long left = stopping == null ? 0 : stopping.outbox().drain(deadline);
            if (left > 0 && directory.isDurable()) {
                LOG.info("n{}: {} EVENTUAL writes are carried out after the next start", node, left);
            } else if (left > 0) {
                LOG.warn(
                        "n{}: {} acknowledged EVENTUAL writes are lost: the database lives in memory and was closed"
                                + " before they were carried out; heal it first, or raise outboxDrain={} ms",
                        node,
                        left,
                        patience.toMillis());
            }
        }
    }

    /** Written down once more. */
    void end() {
        reached.write();
    }
}
