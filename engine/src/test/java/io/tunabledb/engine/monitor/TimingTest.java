package io.tunabledb.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TimingTest {
    /** HdrHistogram's mean throws ConcurrentModificationException when a value is recorded while it is computed. */
    @Test
    void itCanBeReadWhileOthersRecord() {
        Timing timing = new Timing();
        AtomicBoolean isOver = new AtomicBoolean();
        CompletableFuture<Void> recording = CompletableFuture.runAsync(() -> {
            for (long nanos = 1; !isOver.get(); nanos += 997) {
                timing.record(nanos % 1_000_000_000, 1);
            }
        });
        timing.record(5, 1);
        long before = 0;
        for (int i = 0; i < 2_000; i++) {
            Spread spread = timing.spread();
            assertThat(spread).isNotNull();
            assertThat(spread.count()).isGreaterThanOrEqualTo(before);
            before = spread.count();
        }
        isOver.set(true);
        recording.join();
    }
}
