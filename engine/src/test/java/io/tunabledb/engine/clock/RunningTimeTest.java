package io.tunabledb.engine.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What waits by the wall clock, and is told too early that its time is over, waits on. */
class RunningTimeTest {
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    @Test
    void aWaitThatOnlyAPauseHasRunOutIsBegunAgainWithWhatIsLeft() throws Exception {
        List<Long> asked = new ArrayList<>();
        assertThat(RunningTime.await(
                        nanos -> {
                            asked.add(nanos);
                            return asked.size() == 3;
                        },
                        HOUR_NANOS))
                .isTrue();
        assertThat(asked).hasSize(3).isSortedAccordingTo((left, right) -> Long.compare(right, left));
        assertThat(asked.get(2)).isPositive().isLessThan(HOUR_NANOS);
    }

    @Test
    void oneThatHasHadItsTimeIsOver() throws Exception {
        List<Long> asked = new ArrayList<>();
        assertThat(RunningTime.await(
                        nanos -> {
                            asked.add(nanos);
                            return false;
                        },
                        0))
                .isFalse();
        assertThat(asked).containsExactly(0L);
    }
}
