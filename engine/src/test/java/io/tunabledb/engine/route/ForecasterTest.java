package io.tunabledb.engine.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.route.ClusterView.ReplicaView;
import java.time.Duration;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is foretold of a rung, and with which rung a ladder begins. */
class ForecasterTest {
    private static final long MS = 1_000_000;
    private static final ReplicaView NEAR = new ReplicaView(1, false, 5, 90, 500 * MS, 0, 0);
    private static final ReplicaView LEADER = new ReplicaView(2, true, 5, 100, 0, 0, 1);
    private static final Rung STRICT = Rung.of(Level.LINEARIZABLE);

    private static WaitProfile waits(long... millis) {
        WaitProfile profile = WaitProfile.EMPTY;
        for (long one : millis) {
            profile = profile.with(Math.abs(one) * MS, one > 0, 1);
        }
        return profile;
    }

    private static Forecast forecast(Rung rung, long needed, Measured measured, ReplicaView... replicas) {
        return Forecaster.forecast(rung, needed, 100 * MS, new ClusterView(List.of(replicas)), measured);
    }

    @ParameterizedTest
    @CsvSource({
        // negative: given up after so long. Within 100 ms:
        "'', 1.0",
        "'10', 1.0",
        "'10 10 10 10', 1.0",
        "'200', 0.5",
        "'-100', 0.5",
        "'-100 -100', 0.33",
        "'10 -100', 0.67",
        "'10 10 200 200', 0.6",
        "'-20 -20 -20', 1.0",
        "'-5000', 0.5",
    })
    void theProbabilityIsThePartOfRecentWaitsThatEndedInTime(String millis, double probability) {
        long[] waits = millis.isEmpty()
                ? new long[0]
                : java.util.Arrays.stream(millis.split(" "))
                        .mapToLong(Long::parseLong)
                        .toArray();
        assertThat(waits(waits).probabilityWithin(100 * MS, 1)).isEqualTo(probability, within(0.01));
    }

    @Test
    void whatIsOldCountsLess() {
        WaitProfile missed = waits(-100, -100, -100, -100);
        assertThat(missed.probabilityWithin(100 * MS, 1)).isEqualTo(0.2, within(0.001));
        assertThat(missed.probabilityWithin(100 * MS, 0.25)).isEqualTo(0.5, within(0.001));
        assertThat(missed.probabilityWithin(100 * MS, 0)).isEqualTo(1);
        WaitProfile newer = missed.with(10 * MS, true, 0.01);
        assertThat(newer.probabilityWithin(100 * MS, 1)).isGreaterThan(0.9);
    }

    @Test
    void theMedianIsWithinAFifth() {
        assertThat(waits(10, 40, 40, 40, 900).medianNanos()).isBetween(40 * MS, 48 * MS);
        assertThat(WaitProfile.EMPTY.medianNanos()).isZero();
        assertThat(waits(-7).medianNanos()).isZero();
    }

    @Test
    void aReplicaThatIsReadyIsCertainWhateverWasMeasured() {
        Measured slow = (node, level) -> new Measured.Recent(waits(-100, -100, -100), 1);
        assertThat(forecast(Rung.of(Level.SEQUENTIAL), 90, slow, NEAR, LEADER)).isEqualTo(new Forecast(1, 0, 1, 0));
        assertThat(forecast(Rung.of(Level.SEQUENTIAL), 95, slow, NEAR, LEADER).node())
                .isEqualTo(2);
        assertThat(forecast(Rung.of(Level.SEQUENTIAL), 95, slow, NEAR).probability())
                .isLessThan(0.5);
        assertThat(forecast(Rung.bounded(Duration.ofMillis(600)), 0, slow, NEAR).probability())
                .isEqualTo(1);
        assertThat(forecast(Rung.bounded(Duration.ofMillis(400)), 0, slow, NEAR).probability())
                .isLessThan(0.5);
        assertThat(forecast(STRICT, 0, slow, LEADER).probability()).isLessThan(0.5);
    }

    @Test
    void theReplicaMostLikelyToMeetItIsNamedWithItsWait() {
        Measured measured = (node, level) -> new Measured.Recent(node == 1 ? waits(200, 10) : waits(20, 20), 1);
        Forecast forecast = forecast(STRICT, 0, measured, NEAR, LEADER);
        assertThat(forecast.node()).isEqualTo(2);
        assertThat(forecast.waitNanos()).isBetween(20 * MS, 24 * MS);
        assertThat(forecast.samples()).isEqualTo(2);
    }

    @Test
    void nobodyInReachIsHopeless() {
        assertThat(forecast(STRICT, 0, Measured.NOTHING).probability()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "'1', 0",
        "'0.1', 0",
        "'1 1', 0",
        "'0.5 1', 0",
        "'0.49 1', 1",
        "'0.49 0.9', 0",
        "'0.3 0.5 1', 0",
        "'0.2 0.3 1', 2",
        "'0 0 0', 0",
        "'0.1 0.9 1', 1"
    })
    void aLadderBeginsWhereTheExpectedUtilityIsGreatest(String probabilities, int rung) {
        List<Forecast> forecasts = DoubleStream.of(java.util.Arrays.stream(probabilities.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .mapToObj(probability -> new Forecast(1, 0, probability, 1))
                .toList();
        assertThat(Forecaster.choose(forecasts)).isEqualTo(rung);
    }
}
