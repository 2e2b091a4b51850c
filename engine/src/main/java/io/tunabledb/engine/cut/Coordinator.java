package io.tunabledb.engine.cut;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes cuts, one after the other, while its node leads the first shard: logs that a cut is begun, has every shard's leader
 * close the epochs below it, and makes sure that it led all the while. Requests that wait together share one cut; no request joins
 * one that is begun.
 *
 * <p>What has to last is in the first shard's log. A successor finds the newest cut there, which it can't know to be complete
 * and so completes or gives up before it begins another. The protocol is in {@code DESIGN.md} beside this.
 */
public final class Coordinator {
    private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);
    /** Answers that tell of the new epoch are held back so long at most, when a shard's leader is lost meanwhile. */
    private static final Duration CUT_TIMEOUT = Duration.ofMillis(500);

    /** An entry of the first shard's log takes a fraction of it. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration PAUSE = Duration.ofMillis(2);

    private final ShardLeader first;
    private final Peers peers;
    private final Releases releases;
    private final Executor executor;
    /** Guarded by this object's monitor, as what follows. */
    private List<Asked> waiting = new ArrayList<>();

    private @Nullable Round current;
    private boolean driving;

    private record Asked(long cut, CompletableFuture<Void> complete) {}

    /** One cut on its way. */
    private static final class Round {
        private final long cut;
        private final long term;
        /** Whether a predecessor began it. */
        private final boolean isInherited;

        private final List<CompletableFuture<Void>> readers = new ArrayList<>();

        Round(long cut, long term, boolean isInherited) {
            this.cut = cut;
            this.term = term;
            this.isInherited = isInherited;
        }
    }

    /**
     * @param first the node's replica of the first shard
     */
    public Coordinator(ShardLeader first, Peers peers, Releases releases, Executor executor) {
        this.first = first;
        this.peers = peers;
        this.releases = releases;
        this.executor = executor;
    }

    /** The node it sits on. */
    public int node() {
        return first.replica().node();
    }

    /** Under which number a cut can be asked for now. */
    public synchronized long next() {
        return 1 + newest();
    }

    private long newest() {
        Round now = current;
        return Math.max(first.replica().newestCut(), now == null ? 0 : now.cut);
    }

    /**
     * Asks for a cut, for which the caller has registered at the replicas it will read. Completes when every shard has it and
     * it has everything that was acknowledged before this call.
     *
     * @return fails with {@link CutRefusedException} when there is none, or not under this number
     */
    public CompletableFuture<Void> request(long cut) {
        CompletableFuture<Void> complete = new CompletableFuture<>();
        synchronized (this) {
            // one that is begun has what was acknowledged until now, but perhaps not what a caller was told that no
            // replica
            // knows of it: that may be in the epoch which it begins
            if (cut != 1 + newest()) {
                return CompletableFuture.failedFuture(new CutRefusedException("cut " + cut + " is not the next"));
            }
            waiting.add(new Asked(cut, complete));
        }
        drive();
        return complete;
    }

    /** Completes or gives up the newest cut, if no request has found out that it is: an answer waits for it. */
    public void finishNewest() {
        if (isUnfinished() && first.leadingTerm() != 0) {
            drive();
        }
    }

    private boolean isUnfinished() {
        Replica replica = first.replica();
        return replica.newestCut() > releases.upTo(node()) && !replica.isNewestCutCancelled();
    }

    private void drive() {
        synchronized (this) {
            if (driving) {
                return;
            }
            driving = true;
        }
        executor.execute(() -> {
            for (Round round = nextRound(); round != null; round = nextRound()) {
                carryOut(round);
            }
        });
    }

    /** What is to be done next; null for nothing, and then this driver ends. */
    private @Nullable Round nextRound() {
        List<Asked> refused = new ArrayList<>();
        Round next = null;
        synchronized (this) {
            long term = first.leadingTerm();
            // everything of earlier terms is applied, so what follows is known to be this leader's own
            if (term != 0 && isUnfinished()) {
                next = new Round(first.replica().newestCut(), term, true);
            } else if (term != 0 && !waiting.isEmpty()) {
                next = new Round(first.replica().newestCut() + 1, term, false);
                for (Asked asked : waiting) {
                    if (asked.cut == next.cut) {
                        next.readers.add(asked.complete);
                    } else {
                        refused.add(asked);
                    }
                }
                waiting = new ArrayList<>();
            } else {
                refused.addAll(waiting);
                waiting = new ArrayList<>();
                driving = false;
            }
            current = next;
        }
        refused.forEach(asked -> asked.complete.completeExceptionally(
                new CutRefusedException("n" + node() + " does not lead the first shard, or is at another cut")));
        return next;
    }

    private void carryOut(Round round) {
        String failure;
        try {
            failure = take(round);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = "interrupted";
        } catch (RuntimeException | Error e) {
            LOG.warn("n{}: cut {} failed", node(), round.cut, e);
            failure = String.valueOf(e.getMessage());
        }
        if (failure != null) {
            // what failed at once is not tried again at once
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        String why = failure;
        for (CompletableFuture<Void> reader : round.readers) {
            if (why == null) {
                reader.complete(null);
            } else {
                reader.completeExceptionally(new CutRefusedException("cut " + round.cut + ": " + why));
            }
        }
    }

    /** Null when the cut is complete, else why it is not. */
    private @Nullable String take(Round round) throws InterruptedException {
        if (!round.isInherited) {
            for (int shard = 0; shard < peers.shards(); shard++) {
                if (!peers.hasLeader(node(), shard)) {
                    // found out now, it fails these requests; later, it would hold up other people's answers
                    return "shard " + shard + " has no leader in reach";
                }
            }
            LogPosition at = await(first.startCut(round.cut));
            if (at == null || at.term() != round.term || first.replica().newestCut() != round.cut) {
                return "it could not be begun";
            }
        }
        boolean isClosed = closeAll(round.cut, Deadline.in(CUT_TIMEOUT));
        if (!isClosed) {
            cancel(round);
            return "not every shard closed its epoch in time";
        }
        if (!stillLeads(round.term)) {
            return "its coordinator does not lead any more";
        }
        peers.release(node(), round.cut);
        return null;
    }

    /** Every shard's leader answers when its Close is committed, or another is asked. */
    private boolean closeAll(long cut, Deadline deadline) throws InterruptedException {
        List<CloseRequest> tellings = new ArrayList<>();
        for (int shard = 0; shard < peers.shards(); shard++) {
            tellings.add(new CloseRequest(peers, node(), shard, cut));
        }
        while (true) {
            tellings.removeIf(CloseRequest::isAnswered);
            if (tellings.isEmpty()) {
                return true;
            }
            if (deadline.isPast()) {
                return false;
            }
            CloseRequest.awaitAny(tellings, deadline);
        }
    }

    /** When it is applied every node knows that no statement will read the cut: what was held back may go. */
    private void cancel(Round round) throws InterruptedException {
        LOG.info("n{}: cut {} is given up, not every shard closed its epoch in time", node(), round.cut);
        LogPosition at = await(first.cancelCut(round.cut));
        if (at != null
                && first.replica().isNewestCutCancelled()
                && first.replica().newestCut() == round.cut) {
            peers.release(node(), round.cut);
        }
    }

    /** A majority confirms that no successor was elected, who could have given the cut up or released it long ago. */
    private boolean stillLeads(long term) throws InterruptedException {
        return await(first.replica().readIndex()) != null && first.leadingTerm() == term;
    }

    private static <T> @Nullable T await(CompletableFuture<T> answer) throws InterruptedException {
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("the first shard's log did not answer", e);
            return null;
        }
    }
}
