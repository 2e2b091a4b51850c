package io.tunabledb.engine.cut;

import io.tunabledb.engine.clock.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Tells one shard to close up to a cut until it has answered, whichever replica leads it by then. An answer stays true. */
final class CloseRequest {
    /** The leader that was told may be none any more. */
    private static final Duration TELL_AGAIN = Duration.ofMillis(100);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

    private final Peers peers;
    private final int from;
    private final int shard;
    private final long cut;
    private CompletableFuture<?> answer;
    private Deadline patience;

    CloseRequest(Peers peers, int from, int shard, long cut) {
        this.peers = peers;
        this.from = from;
        this.shard = shard;
        this.cut = cut;
        this.answer = peers.beginEpoch(from, shard, cut);
        this.patience = Deadline.in(TELL_AGAIN);
    }

    boolean isAnswered() {
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            return true;
        }
        if (answer.isDone() || patience.isPast()) {
            answer = peers.beginEpoch(from, shard, cut);
            patience = Deadline.in(TELL_AGAIN);
        }
        return false;
    }

    /** Waits a moment, less when one of them has answered. */
    static void awaitAny(List<CloseRequest> tellings, Deadline deadline) throws InterruptedException {
        CompletableFuture<?>[] answers =
                tellings.stream().map(telling -> telling.answer).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(answers).get(deadline.atMost(LOOK_AGAIN).remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return;
        } catch (ExecutionException e) {
            // the shard that failed has no leader now
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }
}
