package io.tunabledb.engine.ratis;

import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.net.Network;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Read indexes as in Ongaro 2014, section 6.4: the leader notes its commit index, then makes sure that it was still the
 * leader after that by hearing from a majority that they are in its term. A later leader needs the vote of one of them,
 * which raises that one's term first; so it had not been elected when the index was noted.
 *
 * <p>Not Ratis's own read index: version 3.3.0 answers without asking anybody when the commit index has not moved since
 * the last time it asked, so a leader that is cut off goes on confirming what others have long overwritten.
 *
 * <p>In one JVM a round is a handful of volatile reads on the caller's thread. Only when the network is disturbed do
 * callers share rounds: those that arrive while one is under way wait for the next.
 */
final class ReadIndexes {
    private final RatisConfig config;
    private final int shard;
    private final LocalNodes nodes;
    private final Network network;
    private final Replica self;

    /** The round that will begin when the one under way has ended; null when none is under way. */
    private @Nullable CompletableFuture<Long> next;

    private boolean underWay;

    ReadIndexes(RatisConfig config, int shard, LocalNodes nodes, Replica self) {
        this.config = config;
        this.shard = shard;
        this.nodes = nodes;
        this.network = nodes.network();
        this.self = self;
    }

    CompletableFuture<Long> ask() {
        return network.quiet() ? askLeader() : join();
    }

    private CompletableFuture<Long> join() {
        CompletableFuture<Long> round;
        synchronized (this) {
            if (underWay) {
                if (next == null) {
                    next = new CompletableFuture<>();
                }
                return next;
            }
            underWay = true;
            round = new CompletableFuture<>();
        }
        run(round);
        return round;
    }

    private void run(CompletableFuture<Long> round) {
        var unused = askLeader().whenComplete((index, failure) -> {
            CompletableFuture<Long> following;
            synchronized (this) {
                following = next;
                next = null;
                underWay = following != null;
            }
            if (failure == null) {
                round.complete(index);
            } else {
                round.completeExceptionally(failure);
            }
            if (following != null) {
                run(following);
            }
        });
    }

    private CompletableFuture<Long> askLeader() {
        int leader = self.isAlive() ? self.leader() : 0;
        if (leader == 0) {
            return refused("node " + config.node() + " knows no leader");
        }
        CompletableFuture<Long> answer = network.callAsync(config.node(), leader, () -> {
            RatisNode node = nodes.find(leader);
            return node == null
                    ? refused("node " + leader + ", the leader, is not running")
                    : node.replica(shard).confirmedIndex();
        });
        return answer.isDone() && !answer.isCompletedExceptionally() ? answer : inTime(answer);
    }

    private CompletableFuture<Long> inTime(CompletableFuture<Long> answer) {
        return answer.orTimeout(config.requestTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(failure -> {
                    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
                    if (cause instanceof NotLeaderException refusal) {
                        throw refusal;
                    }
                    throw new NotLeaderException(
                            cause instanceof TimeoutException
                                    ? "no read index within " + config.requestTimeout()
                                    : "no read index: " + cause);
                });
    }

    /**
     * At the leader: its commit index, once a majority has been heard to be in its term. An entry that is in its log and not
     * committed yet may or may not be seen by who asks, unless its caller was told that nobody knows: then it is waited for, or
     * two reads, one after the other, could differ by it.
     */
    CompletableFuture<Long> confirm() {
        CompletableFuture<@Nullable Void> fates = self.fates();
        return fates == null ? confirmCommitted() : fates.thenCompose(decided -> confirmCommitted());
    }

    private CompletableFuture<Long> confirmCommitted() {
        long term = self.isAlive() ? self.leadingTerm() : 0;
        if (term == 0) {
            return refused("node " + config.node() + " does not lead");
        }
        long index = self.commitIndex();
        if (config.leaderLease() && self.lease().holds(term, System.nanoTime())) {
            return CompletableFuture.completedFuture(index);
        }
        return network.quiet() ? confirmNow(term, index) : confirmLater(term, index);
    }

    private CompletableFuture<Long> confirmNow(long term, long index) {
        int supporters = 0;
        for (int node : config.nodes()) {
            if (termAt(node) == term && ++supporters > config.nodes().size() / 2) {
                return CompletableFuture.completedFuture(index);
            }
        }
        return refused("no majority is in term " + term + " of node " + config.node());
    }

    private CompletableFuture<Long> confirmLater(long term, long index) {
        CompletableFuture<Long> confirmed = new CompletableFuture<>();
        AtomicInteger supporters = new AtomicInteger();
        AtomicInteger missing = new AtomicInteger(config.nodes().size());
        for (int node : config.nodes()) {
            var unused = network.callAsync(config.node(), node, () -> CompletableFuture.completedFuture(termAt(node)))
                    .whenComplete((answer, failure) -> {
                        boolean supports = failure == null && answer == term;
                        if (supports
                                && supporters.incrementAndGet() > config.nodes().size() / 2) {
                            confirmed.complete(index);
                        }
                        if (missing.decrementAndGet() == 0) {
                            confirmed.completeExceptionally(new NotLeaderException(
                                    "no majority answered node " + config.node() + " in term " + term));
                        }
                    });
        }
        return confirmed;
    }

    /** The term a voter is in; 0 when it can't say. */
    private long termAt(int node) {
        RatisNode found = nodes.find(node);
        return found == null ? 0 : found.replica(shard).votingTerm();
    }

    private static CompletableFuture<Long> refused(String why) {
        return CompletableFuture.failedFuture(new NotLeaderException(why));
    }
}
