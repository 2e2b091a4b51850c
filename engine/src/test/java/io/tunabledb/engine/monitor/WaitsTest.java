package io.tunabledb.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tunabledb.consistency.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WaitsTest {
    private static final long MS = 1_000_000;

    private final AtomicLong clock = new AtomicLong(-5);
    private final Waits waits = new Waits(clock::get);

    private double probability(int node) {
        var recent = waits.waits(node, Level.LINEARIZABLE);
        return recent.profile().probabilityWithin(100 * MS, recent.factor());
    }

    @Test
    void missesCountForTheirReplicaAndFadeWithTime() {
        assertThat(probability(1)).isEqualTo(1);
        waits.measured(1, Level.LINEARIZABLE, 100 * MS, false);
        waits.measured(1, Level.LINEARIZABLE, 100 * MS, false);
        waits.measured(1, Level.SEQUENTIAL, 100 * MS, false);
        assertThat(probability(1)).isEqualTo(1 / 3.0, within(0.01));
        assertThat(probability(2)).isEqualTo(1);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(probability(1)).isEqualTo(0.5, within(0.01));
        clock.addAndGet(TimeUnit.SECONDS.toNanos(60));
        assertThat(probability(1)).isEqualTo(1, within(0.01));
    }

    @Test
    void oneSuccessAfterAPauseOutweighsOldMisses() {
        for (int i = 0; i < 10; i++) {
            waits.measured(1, Level.LINEARIZABLE, 100 * MS, false);
        }
        assertThat(probability(1)).isLessThan(0.1);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(5));
        waits.measured(1, Level.LINEARIZABLE, MS, true);
        assertThat(probability(1)).isGreaterThan(0.8);
    }
}
