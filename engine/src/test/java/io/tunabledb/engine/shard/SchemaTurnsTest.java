package io.tunabledb.engine.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.log.NotLeaderException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SchemaTurnsTest {
    private final AtomicLong term = new AtomicLong(3);
    private final SchemaTurns turns = new SchemaTurns(term::get);

    private static void assertRefused(CompletableFuture<Long> asked) {
        assertThat(asked).failsWithin(Duration.ZERO).withThrowableThat().withCauseInstanceOf(NotLeaderException.class);
    }

    @Test
    void oneHasItAndTheOthersWaitInTheirOrder() {
        assertThat(turns.take(1, true)).isCompletedWithValue(3L);
        CompletableFuture<Long> second = turns.take(2, true);
        CompletableFuture<Long> third = turns.take(3, true);
        assertThat(second).isNotDone();
        turns.giveBack(1);
        assertThat(second).isCompletedWithValue(3L);
        assertThat(third).isNotDone();
        assertThat(turns.isHeldBy(1)).isFalse();
        assertThat(turns.isHeldBy(2)).isTrue();
        turns.giveBack(2);
        assertThat(third).isCompletedWithValue(3L);
    }

    @Test
    void whoAsksAgainKeepsHisPlace() {
        assertThat(turns.take(1, true)).isCompletedWithValue(3L);
        assertThat(turns.take(1, true)).as("its own").isCompletedWithValue(3L);
        CompletableFuture<Long> second = turns.take(2, true);
        CompletableFuture<Long> third = turns.take(3, true);
        assertThat(turns.take(2, true)).isSameAs(second);
        turns.giveBack(1);
        assertThat(second).isCompletedWithValue(3L);
        assertThat(third).isNotDone();
    }

    @Test
    void whoWaitsNoLongerIsPassedOver() {
        assertThat(turns.take(1, true)).isCompleted();
        CompletableFuture<Long> second = turns.take(2, true);
        CompletableFuture<Long> third = turns.take(3, true);
        turns.giveBack(2);
        turns.giveBack(1);
        assertThat(second).isNotDone();
        assertThat(third).isCompletedWithValue(3L);
        turns.giveBack(2);
        assertThat(turns.isHeldBy(3)).as("not taken by who is long gone").isTrue();
    }

    @Test
    void whoIsNotPatientIsToldAtOnce() {
        assertThat(turns.take(1, false)).isCompletedWithValue(3L);
        assertThat(turns.take(2, false)).isCompletedWithValue(SchemaTurns.TAKEN);
        turns.giveBack(1);
        assertThat(turns.take(3, false)).isCompletedWithValue(3L);
    }

    @Test
    void theNextTermBeginsWithNobody() {
        assertThat(turns.take(1, true)).isCompletedWithValue(3L);
        CompletableFuture<Long> second = turns.take(2, true);
        term.set(5);
        assertThat(turns.isHeldBy(1)).isFalse();
        assertRefused(second);
        assertThat(turns.take(3, true)).isCompletedWithValue(5L);
        turns.giveBack(1);
        assertThat(turns.isHeldBy(3))
                .as("not ended by who had it in another term")
                .isTrue();
    }

    @Test
    void whoDoesNotLeadGivesNone() {
        CompletableFuture<Long> first = turns.take(1, true);
        CompletableFuture<Long> second = turns.take(2, true);
        term.set(0);
        assertRefused(turns.take(3, true));
        assertRefused(second);
        assertThat(first).isCompleted();
        assertThat(turns.isHeldBy(1)).isFalse();
        turns.giveBack(1);
        assertRefused(turns.take(1, false));
    }

    /** What waits goes on inside the call that lets it, and may ask at once. */
    @Test
    void whoWaitedMayAskAtOnce() {
        assertThat(turns.take(1, true)).isCompleted();
        CompletableFuture<Boolean> held = turns.take(2, true).thenApply(now -> turns.isHeldBy(2));
        turns.giveBack(1);
        assertThat(held).isCompletedWithValue(true);
        CompletableFuture<Long> again = turns.take(3, true).handle((now, failure) -> {
            assertThat(failure instanceof CompletionException ? failure.getCause() : failure)
                    .isInstanceOf(NotLeaderException.class);
            return turns.take(3, true).join();
        });
        term.set(9);
        assertThat(turns.isHeldBy(2)).isFalse();
        assertThat(again).isCompletedWithValue(9L);
    }
}
