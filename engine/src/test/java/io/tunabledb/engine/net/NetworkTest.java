package io.tunabledb.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private final Network network = new Network();
    private final AtomicInteger arrived = new AtomicInteger();

    @Test
    void delivers() throws IOException {
        assertThat(network.quiet()).isTrue();
        assertThat(network.call(1, 2, arrived::incrementAndGet)).isEqualTo(1);
    }

    @Test
    void aCutLosesTheRequest() {
        network.cut(1, 2);
        assertThatThrownBy(() -> network.call(1, 2, arrived::incrementAndGet))
                .isInstanceOf(UnreachableException.class)
                .hasMessage("node 1 cannot reach node 2: the link is cut");
        assertThat(arrived).hasValue(0);
        assertThat(network.reaches(2, 1)).isFalse();
        assertThat(network.reaches(1, 3)).isTrue();
    }

    @Test
    void aCutOfTheWayBackLosesTheReplyOnly() {
        network.cutOneWay(2, 1);
        assertThatThrownBy(() -> network.call(1, 2, arrived::incrementAndGet))
                .hasMessage("node 2 cannot reach node 1: the link is cut");
        assertThat(arrived).hasValue(1);

        CompletableFuture<Integer> reply =
                network.callAsync(1, 2, () -> CompletableFuture.completedFuture(arrived.incrementAndGet()));
        assertThat(reply).isCompletedExceptionally();
        assertThat(arrived).hasValue(2);
    }

    @Test
    void anIsolatedNodeReachesItselfOnly() throws IOException {
        network.isolate(2);
        assertThat(network.reaches(1, 2)).isFalse();
        assertThat(network.reaches(2, 3)).isFalse();
        assertThat(network.reaches(1, 3)).isTrue();
        assertThat(network.call(2, 2, arrived::incrementAndGet)).isEqualTo(1);
    }

    @Test
    void aDelayTakesItsTimeEachWay() throws IOException {
        network.delay(1, 2, Duration.ofMillis(20));
        network.slow(2, Duration.ofMillis(5));
        long start = System.nanoTime();
        network.call(1, 2, arrived::incrementAndGet);
        // 20 + 5 there, 5 back
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(30));
    }

    @Test
    void anAsynchronousDelayDoesNotBlockTheCaller() {
        network.slow(2, Duration.ofMillis(300));
        long start = System.nanoTime();
        CompletableFuture<Integer> reply =
                network.callAsync(1, 2, () -> CompletableFuture.completedFuture(arrived.incrementAndGet()));
        assertThat(reply).isNotDone();
        assertThat(reply.join()).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(600));
    }

    @Test
    void healingEndsEverything() {
        network.cut(1, 2);
        network.isolate(3);
        network.slow(1, Duration.ofMillis(5));
        network.delay(1, 3, Duration.ofMillis(5));
        network.heal();
        assertThat(network.quiet()).isTrue();
    }

    @Test
    void healingANodeLeavesTheOthersAsTheyAre() {
        network.cut(1, 2);
        network.cut(2, 3);
        network.isolate(1);
        network.slow(1, Duration.ofMillis(5));
        network.delay(1, 3, Duration.ofMillis(5));
        network.heal(1);
        assertThat(network.reaches(1, 2)).isTrue();
        assertThat(network.reaches(2, 3)).isFalse();
        network.heal(3);
        assertThat(network.quiet()).isTrue();
    }

    @Test
    void aZeroDelayIsNone() {
        network.delay(1, 2, Duration.ofMillis(5));
        network.slow(2, Duration.ofMillis(5));
        network.delay(1, 2, Duration.ZERO);
        network.slow(2, Duration.ZERO);
        assertThat(network.quiet()).isTrue();
    }
}
