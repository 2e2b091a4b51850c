package io.tunabledb.engine.shard.fresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.clock.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AppliedIndexTest {

    @Test
    void aWaitEndsWithItsIndexOrItsDeadline() throws InterruptedException {
        AppliedIndex index = new AppliedIndex();
        assertThat(index.await(0, Deadline.in(Duration.ZERO))).isTrue();
        assertThat(index.await(1, Deadline.in(Duration.ofMillis(5)))).isFalse();
        index.begin(1);
        assertThat(index.applied()).isZero();
        assertThat(index.applying()).isEqualTo(1);
        index.raise(1);
        assertThat(index.await(1, Deadline.in(Duration.ZERO))).isTrue();
    }

    @Test
    void noWaiterIsForgottenWhileTheIndexRises() throws Exception {
        AppliedIndex index = new AppliedIndex();
        long last = 200_000;
        List<CompletableFuture<Void>> waiters = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            waiters.add(CompletableFuture.runAsync(() -> {
                for (long wanted = 1; wanted <= last; wanted = index.applied() + 1) {
                    index.reached(wanted).orTimeout(20, TimeUnit.SECONDS).join();
                    assertThat(index.applied()).isGreaterThanOrEqualTo(wanted);
                }
            }));
        }
        for (long i = 1; i <= last; i++) {
            index.begin(i);
            index.raise(i);
        }
        for (CompletableFuture<Void> waiter : waiters) {
            waiter.get(30, TimeUnit.SECONDS);
        }
    }

    /** As on a replica that is cut off, and asked again and again. */
    @Test
    void whereNothingIsAppliedNotAnyNumberWaits() throws Exception {
        AppliedIndex index = new AppliedIndex();
        for (int i = 0; i < AppliedIndex.MOST_TOLD; i++) {
            assertThat(index.reached(1 + i)).isNotDone();
        }
        assertThat(index.reached(7)).isCompletedExceptionally();
        assertThat(index.await(7, Deadline.in(Duration.ofMillis(1)))).isFalse();
        index.raise(AppliedIndex.MOST_TOLD);
        assertThat(index.reached(7)).isCompleted();
        assertThat(index.reached(AppliedIndex.MOST_TOLD + 1)).isNotDone();
    }

    @Test
    void stalenessIsMeasuredOnTheReplicasOwnClock() {
        AtomicLong clock = new AtomicLong(-50);
        FreshnessLease lease = new FreshnessLease(clock::get);
        assertThat(lease.stalenessNanos()).isEqualTo(Long.MAX_VALUE);
        lease.raise(-60);
        assertThat(lease.stalenessNanos()).isEqualTo(10);
        lease.raise(-80);
        assertThat(lease.stalenessNanos())
                .as("a lease never gets older than it was")
                .isEqualTo(10);
        clock.set(100);
        assertThat(lease.stalenessNanos()).isEqualTo(160);
    }
}
