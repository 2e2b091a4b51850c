package io.tunabledb.engine.shard.fresh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ReadinessTest {
    private final AppliedIndex index = new AppliedIndex();
    private final Deque<CompletableFuture<Long>> asked = new ArrayDeque<>();
    private boolean hearsLeader = true;

    private final Readiness readiness = new Readiness(index, () -> {
        if (!hearsLeader) {
            return null;
        }
        asked.add(new CompletableFuture<>());
        return asked.getLast();
    });

    @Test
    void whatWasReceivedIsNotWhatWasCommitted() {
        index.jump(5);
        assertThat(readiness.isReached()).as("before it has asked").isFalse();
        asked.getLast().complete(9L);
        assertThat(readiness.isReached()).as("at 5 of 9").isFalse();
        index.jump(9);
        assertThat(readiness.isReached()).isTrue();
        assertThat(asked).hasSize(1);
    }

    @Test
    void whoHearsNoLeaderIsNotReady() {
        hearsLeader = false;
        index.jump(100);
        assertThat(readiness.isReached()).isFalse();
        hearsLeader = true;
        assertThat(readiness.isReached()).isFalse();
        asked.getLast().complete(100L);
        assertThat(readiness.isReached()).isTrue();
    }

    @Test
    void itAsksAgainWhenNoMajorityConfirmsAndNeverTwiceAtOnce() {
        assertThat(readiness.isReached()).isFalse();
        assertThat(readiness.isReached()).isFalse();
        assertThat(asked).hasSize(1);
        asked.getLast().completeExceptionally(new IllegalStateException("no majority"));
        assertThat(readiness.isReached()).isFalse();
        assertThat(asked).hasSize(2);
        asked.getLast().complete(1L);
        index.jump(1);
        assertThat(readiness.isReached()).isTrue();
    }

    @Test
    void onceReadyItStaysSo() {
        index.jump(3);
        readiness.isReached();
        asked.getLast().complete(3L);
        assertThat(readiness.isReached()).isTrue();
        hearsLeader = false;
        assertThat(readiness.isReached()).isTrue();
        assertThat(asked).hasSize(1);
    }
}
