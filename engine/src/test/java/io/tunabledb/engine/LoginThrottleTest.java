package io.tunabledb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who guesses waits longer and longer, and nobody else does. */
class LoginThrottleTest {
    private final AtomicLong clock = new AtomicLong(1_000);
    private final LoginThrottle throttle = new LoginThrottle(clock::get);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            throttle.failed("ANN");
        }
    }

    @Test
    void aFewFailuresCostNothing() {
        fail(LoginThrottle.FREE_FAILURES - 1);
        assertThat(throttle.waitOf("ANN")).isZero();
        assertThat(throttle.failures("ANN")).isEqualTo(4);
    }

    @Test
    void theWaitDoublesUpToABound() {
        fail(LoginThrottle.FREE_FAILURES);
        assertThat(throttle.waitOf("ANN")).isEqualTo(Duration.ofMillis(200));
        assertThat(throttle.waitOf("BOB")).isZero();
        fail(1);
        assertThat(throttle.waitOf("ANN")).isEqualTo(Duration.ofMillis(400));
        clock.addAndGet(Duration.ofMillis(300).toNanos());
        assertThat(throttle.waitOf("ANN")).isEqualTo(Duration.ofMillis(100));
        fail(100);
        assertThat(throttle.waitOf("ANN")).isEqualTo(Duration.ofSeconds(30));
        clock.addAndGet(Duration.ofSeconds(30).toNanos());
        assertThat(throttle.waitOf("ANN")).isZero();
    }

    @Test
    void aLoginEndsIt() {
        fail(20);
        throttle.succeeded("ANN");
        assertThat(throttle.waitOf("ANN")).isZero();
        assertThat(throttle.failures("ANN")).isZero();
    }

    @Test
    void itRemembersABoundedNumberOfNames() {
        for (int i = 0; i < 50_000; i++) {
            throttle.failed("GUESS" + i);
        }
        assertThat(throttle.names()).isLessThanOrEqualTo(10_000);
    }

    @Test
    void itForgetsAfterAWhile() {
        fail(20);
        clock.addAndGet(Duration.ofMinutes(16).toNanos());
        assertThat(throttle.failures("ANN")).isZero();
    }
}
