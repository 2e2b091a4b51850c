package io.tunabledb.engine.shard.twophase;

import io.tunabledb.engine.clock.Deadline;
import java.util.concurrent.locks.LockSupport;

/**
 * A replica's part in transactions over shards.
 *
 * @param prepared what it has voted for as a participant and decided as home
 * @param closer ends epochs, and finishes what commits in one
 * @param recovery does what a coordinator that is gone has left undone
 */
public record TwoPhase(PreparedTransactions prepared, EpochCloser closer, Recovery recovery) {
    private static final long FINISH_PAUSE_NANOS = 200_000;

    /** Waits until all that was prepared here up to an index is committed or aborted here; false when the deadline came first. */
    public boolean awaitFinished(long upTo, Deadline deadline) throws InterruptedException {
        while (prepared.isInDoubtUpTo(upTo)) {
            if (deadline.isPast()) {
                return false;
            }
            // it takes as long as an entry; who waits is rare
            LockSupport.parkNanos(FINISH_PAUSE_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return true;
    }
}
