package io.tunabledb.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The measured chance of seeing a write, from the times three replicas applied it. Times are in milliseconds. */
class VisibilityTest {
    private static final long MILLI = 1_000_000;

    private final AppliedTimes times = new AppliedTimes(0);
    private final Visibility visibility = new Visibility(shard -> times);

    private Map<Integer, Double> probabilities() {
        return visibility.figures().stream()
                .collect(Collectors.toMap(VisibilityFigures::delayMillis, VisibilityFigures::probability));
    }

    private void written(long index, long ackMillis, long... appliedMillis) {
        for (int i = 0; i < appliedMillis.length; i++) {
            times.applied(i + 1, index, appliedMillis[i] * MILLI);
        }
        visibility.acknowledged(List.of("PUBLIC.T"), 0, index, ackMillis * MILLI);
    }

    @Test
    void theProbabilityIsThePartOfReplicasThatHaveIt() {
        written(1, 1000, 999, 1004, 1040);
        visibility.settle(3, node -> true, 3000 * MILLI);
        assertThat(probabilities())
                .containsEntry(0, 1 / 3.0)
                .containsEntry(2, 1 / 3.0)
                .containsEntry(5, 2 / 3.0)
                .containsEntry(20, 2 / 3.0)
                .containsEntry(50, 1.0)
                .containsEntry(1000, 1.0);
        assertThat(visibility.figures().get(0).samples()).isEqualTo(3);
    }

    @Test
    void aReplicaThatIsCutOffCountsAndOneThatIsDownDoesNot() {
        written(1, 1000, 999, 1000);
        visibility.settle(3, node -> true, 3000 * MILLI);
        assertThat(probabilities()).containsEntry(1000, 2 / 3.0);
        written(2, 4000, 3999, 4000);
        visibility.settle(3, node -> node != 3, 6000 * MILLI);
        assertThat(probabilities()).containsEntry(1000, 4 / 5.0);
    }

    @Test
    void aWriteThatChangedNothingIsNoSample() {
        visibility.acknowledged(List.of("PUBLIC.T"), 0, 7, 1000 * MILLI);
        visibility.settle(3, node -> true, 3000 * MILLI);
        assertThat(visibility.figures()).isEmpty();
    }

    @Test
    void youngWritesWait() {
        written(1, 1000, 999, 999, 999);
        visibility.settle(3, node -> true, 1500 * MILLI);
        assertThat(visibility.figures()).isEmpty();
    }
}
