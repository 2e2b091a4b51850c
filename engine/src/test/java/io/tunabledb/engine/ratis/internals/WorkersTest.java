package io.tunabledb.engine.ratis.internals;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.clock.RunningTime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A thread that has ended ends its replica; one that is only slow to begin, on a machine that has no time for it, does not. */
class WorkersTest {

    @Test
    void oneThatHasNotBegunIsToldFromOneThatHasEnded() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(Workers.ended(thread, "leads"))
                .isNotNull()
                .extracting(Workers.Ended::hasBegun)
                .isEqualTo(false);
        thread.start();
        assertThat(Workers.ended(thread, "leads")).as("it runs").isNull();
        end.countDown();
        thread.join();
        assertThat(Workers.ended(thread, "leads"))
                .isNotNull()
                .extracting(Workers.Ended::hasBegun)
                .isEqualTo(true);
        assertThat(Workers.ended(null, "leads")).isNull();
    }

    @Test
    void whatHasNotBegunIsWaitedForMuchLonger() {
        assertThat(isBelieved(true, 0)).isFalse();
        assertThat(isBelieved(true, 2)).isTrue();
        assertThat(isBelieved(false, 2)).isFalse();
        assertThat(isBelieved(false, 15)).isFalse();
        assertThat(isBelieved(false, 40)).isTrue();
    }

    private static boolean isBelieved(boolean hasBegun, long seconds) {
        long since = RunningTime.nanos() - TimeUnit.SECONDS.toNanos(seconds);
        return new Workers.Ended("", "leads", hasBegun, since).isBelieved();
    }
}
