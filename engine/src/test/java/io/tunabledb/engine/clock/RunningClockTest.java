package io.tunabledb.engine.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The clock that leaves out what its process slept through. Times are in any unit. */
class RunningClockTest {
    private static final long MOST = 60;
    private final RunningClock clock = new RunningClock(0);

    @Test
    void goesAsTheWallClockWhileNobodyLooks() {
        assertThat(clock.at(1_000_000)).isEqualTo(1_000_000);
        assertThat(clock.wallNanos(1_000_000, 500)).isEqualTo(500);
    }

    @Test
    void goesAsTheWallClockWhileItIsLookedAtInTime() {
        for (long now = 0; now <= 1_000; now += MOST) {
            clock.look(now, MOST);
        }
        assertThat(clock.at(1_010)).isEqualTo(1_010);
        assertThat(clock.wallNanos(1_010, 700)).isEqualTo(700);
    }

    @Test
    void aPauseCountsAsOneLookBeforeAndAfterItIsNoticed() {
        clock.look(100, MOST);
        assertThat(clock.at(5_000)).isEqualTo(100 + MOST);
        assertThat(clock.wallNanos(5_000, 80)).isEqualTo(80 + 5_000 - 100 - MOST);
        clock.look(5_000, MOST);
        assertThat(clock.at(5_000)).isEqualTo(100 + MOST);
        assertThat(clock.at(5_010)).isEqualTo(110 + MOST);
        assertThat(clock.wallNanos(5_010, 80)).isEqualTo(80 + 5_000 - 100 - MOST);
        // all after the pause
        assertThat(clock.wallNanos(5_010, 10)).isEqualTo(10);
    }

    @Test
    void saysHowLongATimeTookByTheWallClock() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long wall = 0;
        clock.look(0, MOST);
        for (int i = 0; i < 150; i++) {
            wall += random.nextInt(4) == 0 ? random.nextInt(3_000) : random.nextInt((int) MOST);
            clock.look(wall, MOST);
            long now = wall + random.nextInt(200);
            long back = random.nextInt(500);
            long ago = clock.wallNanos(now, back);
            assertThat(ago).as("seed " + seed).isGreaterThanOrEqualTo(back);
            if (ago <= now - wall) {
                // since the last look nothing is recorded that could be asked for again
                assertThat(clock.at(now) - back).as("seed " + seed).isLessThanOrEqualTo(clock.at(now - ago));
            }
        }
    }
}
