package io.tunabledb.engine.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A threshold at 0.8 that is passed after 500 ms and left after 2 s below 0.64, on a clock of its own. */
class HysteresisTest {
    private static final long MILLI = 1_000_000;

    private final Hysteresis threshold = new Hysteresis(0.8, Duration.ofMillis(500), Duration.ofSeconds(2), 0.2);
    private long now = 1_000 * MILLI;

    /** Keeps the load there, read every 50 ms. */
    private Hysteresis load(double load, long millis) {
        for (long end = now + millis * MILLI; now < end; now += 50 * MILLI) {
            threshold.update(load, now);
        }
        return threshold;
    }

    @Test
    void aShortPeakPassesNothing() {
        assertThat(load(2, 400).isPassed()).isFalse();
        assertThat(load(0.5, 100).isPassed()).isFalse();
        assertThat(load(2, 450).isPassed()).as("it counts from anew").isFalse();
        assertThat(load(2, 200).isPassed()).isTrue();
    }

    @Test
    void exactlyAtTheThresholdIsNotAbove() {
        assertThat(load(0.8, 5_000).isPassed()).isFalse();
    }

    @Test
    void itIsLeftOnlyBelowTheMarginAndAfterATime() {
        load(1, 1_000);
        assertThat(load(0.7, 60_000).isPassed())
                .as("below the threshold, not the margin")
                .isTrue();
        assertThat(load(0.6, 1_900).isPassed()).isTrue();
        assertThat(load(0.7, 100).isPassed()).isTrue();
        assertThat(load(0.6, 1_900).isPassed()).as("it counts from anew").isTrue();
        assertThat(load(0.6, 200).isPassed()).isFalse();
        assertThat(threshold.switches()).isEqualTo(2);
    }

    @Test
    void aLoadThatFallsBecauseItIsPassedDoesNotFlap() {
        // what is granted instead is so cheap that the load falls to a tenth, and comes back on return
        long end = now + Duration.ofMinutes(10).toNanos();
        while (now < end) {
            threshold.update(threshold.isPassed() ? 0.1 : 1, now);
            now += 50 * MILLI;
        }
        // 2, 4, 8, 16 and then 32 s of calm between 0.5 s of load
        assertThat(threshold.switches()).isBetween(30L, 50L);
        long naive = Duration.ofMinutes(10).toMillis() * 2 / 2_500;
        assertThat(threshold.switches()).as("without growing patience").isLessThan(naive / 5);
    }

    @Test
    void aReturnThatLastsIsForgiven() {
        load(1, 600);
        load(0.1, 2_100);
        load(1, 600);
        assertThat(load(0.1, 3_900).isPassed())
                .as("the second time it must be calm for 4 s")
                .isTrue();
        assertThat(load(0.1, 200).isPassed()).isFalse();
        load(0.1, 21_000);
        load(1, 600);
        assertThat(load(0.1, 2_100).isPassed())
                .as("after 20 s of calm it is as at first")
                .isFalse();
    }

    @Test
    void timeMayBeginAnywhere() {
        Hysteresis odd = new Hysteresis(0.8, Duration.ofMillis(500), Duration.ofSeconds(2), 0.2);
        long at = Long.MAX_VALUE - 200 * MILLI;
        for (long i = 0; i < 20; i++) {
            odd.update(1, at + i * 50 * MILLI);
        }
        assertThat(odd.isPassed()).as("nanoTime wraps around").isTrue();
    }
}
