package io.tunabledb.engine.cut;

import io.tunabledb.engine.clock.Deadline;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Up to which cut each node knows that all shards have closed it, or that it was given up. Until it knows that of an epoch,
 * answers that tell of the epoch stay at the node: a client that heard them could act in a shard that has not closed yet, and the
 * cut would have the effect without its cause. It is a fact that stays true, however it was learned.
 */
public final class Releases {
    /** A message may have been lost: then others are asked. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final Mark[] marks;

    /** One node's, and in front of them that of who is next to all nodes. */
    private static final class Mark {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition raised = lock.newCondition();
        private volatile long upTo;

        void raise(long cut) {
            if (cut <= upTo) {
                return;
            }
            lock.lock();
            try {
                upTo = Math.max(upTo, cut);
                raised.signalAll();
            } finally {
                lock.unlock();
            }
        }

        void await(long cut, Deadline deadline) throws InterruptedException {
            lock.lock();
            try {
                while (upTo < cut) {
                    long left = deadline.remainingNanos();
                    if (left == 0) {
                        return;
                    }
                    raised.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * @param nodes how many there are; they are numbered from 1
     */
    public Releases(int nodes) {
        this.marks =
                IntStream.rangeClosed(0, nodes).mapToObj(node -> new Mark()).toArray(Mark[]::new);
    }

    /** What a node knows; 0 is next to all nodes and knows what any of them does. */
    public long upTo(int node) {
        return marks[node].upTo;
    }

    /** A node is told. */
    public void raise(int node, long cut) {
        marks[node].raise(cut);
        marks[0].raise(cut);
    }

    /**
     * Waits until a node knows it of a cut.
     *
     * @param ask what the node does when it was not told for a while
     * @return false when the deadline came first
     */
    public boolean await(int node, long cut, Deadline deadline, Runnable ask) throws InterruptedException {
        Mark mark = marks[node];
        while (mark.upTo < cut) {
            if (deadline.isPast()) {
                return false;
            }
            mark.await(cut, deadline.atMost(LOOK_AGAIN));
            if (mark.upTo < cut) {
                ask.run();
            }
        }
        return true;
    }
}
