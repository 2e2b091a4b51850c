package io.tunabledb.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Operation;
import io.tunabledb.consistency.Receipt;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.negotiate.Agreement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is counted where. */
class SlaMonitorTest {
    private static final Rung BOUNDED = Rung.bounded(Duration.ofMillis(100));
    private static final Rung EVENTUAL = Rung.of(Level.EVENTUAL);
    private static final Rung SEQUENTIAL = Rung.of(Level.SEQUENTIAL);
    private static final List<String> TABLES = List.of("PUBLIC.T");

    private final SlaMonitor monitor = new SlaMonitor(4);
    private final Sampling sampling = new Sampling();
    private final Meter meter = monitor.meter(Operation.SELECT, TABLES);

    @AfterEach
    void close() {
        monitor.close();
    }

    private static Agreement agreement(Rung asked, Rung... granted) {
        return new Agreement(Ladder.of(asked), "CLAUSE", new Ladder(List.of(granted)), null);
    }

    private void serve(Agreement agreement, Rung granted, long index, Duration staleness, long required) {
        Receipt receipt = new Receipt(
                agreement.asked(),
                agreement.decidedBy(),
                granted,
                null,
                List.of(new Receipt.Served(0, "n1", "FOLLOWER", index, required, staleness, Duration.ofMillis(2))),
                1,
                TABLES);
        meter.served(agreement, receipt, meter.begin(sampling));
    }

    private SlaFigures only() {
        assertThat(monitor.levels()).hasSize(1);
        return monitor.levels().get(0);
    }

    @ParameterizedTest
    @CsvSource({"99, 1", "100, 1", "101, 0", ", 0"})
    void aBoundedReadIsMetWhenItsAgeIsKnownAndWithin(Long millis, long met) {
        serve(agreement(BOUNDED, BOUNDED), BOUNDED, 7, millis == null ? null : Duration.ofMillis(millis), 0);
        assertThat(only().met()).isEqualTo(met);
        assertThat(only().violated()).isEqualTo(1 - met);
    }

    @ParameterizedTest
    @CsvSource({"7, 7, 1", "8, 7, 1", "6, 7, 0"})
    void aSessionsReadIsMetWhenTheReplicaSaysItHasTheIndex(long index, long required, long met) {
        serve(agreement(SEQUENTIAL, SEQUENTIAL), SEQUENTIAL, index, null, required);
        assertThat(only().met()).isEqualTo(met);
        assertThat(only().violated()).isEqualTo(1 - met);
    }

    @Test
    void aLaterRungIsMetUnderItsOwnLevelAndFellBack() {
        Agreement ladder = agreement(BOUNDED, BOUNDED, EVENTUAL);
        serve(ladder, BOUNDED, 7, Duration.ZERO, 0);
        serve(ladder, EVENTUAL, 7, null, 0);
        assertThat(monitor.levels())
                .extracting(figures -> figures.key().granted(), SlaFigures::met, SlaFigures::fellBack)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(Level.BOUNDED_STALENESS, 1L, 0L),
                        org.assertj.core.groups.Tuple.tuple(Level.EVENTUAL, 1L, 1L));
    }

    @Test
    void raisedAndDowngradedAreCountedApart() {
        serve(agreement(EVENTUAL, SEQUENTIAL), SEQUENTIAL, 7, null, 0);
        assertThat(only().raised()).isEqualTo(1);
        assertThat(only().downgraded()).isZero();
        serve(agreement(Rung.of(Level.LINEARIZABLE), SEQUENTIAL), SEQUENTIAL, 7, null, 0);
        assertThat(only().raised()).isEqualTo(1);
        assertThat(only().downgraded()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"TC001, 1", "TC002, 1", "08001, 1", "08007, 1", "23505, 0", "42001, 0", "40001, 0"})
    void onlyRefusalsForTimeCountAsTimedOut(String state, long timedOut) {
        meter.failed(agreement(BOUNDED, BOUNDED, EVENTUAL), new SQLException("x", state));
        assertThat(monitor.levels().stream().mapToLong(SlaFigures::timedOut).sum())
                .isEqualTo(timedOut);
    }

    @Test
    void timesAreWeighedSoThatSamplingDoesNotHideTheMany() {
        Agreement agreement = agreement(SEQUENTIAL, SEQUENTIAL);
        for (int i = 0; i < 16_000; i++) {
            Duration waited = i % 100 == 0 ? Duration.ofMillis(50) : Duration.ofNanos(200);
            Receipt receipt = new Receipt(
                    agreement.asked(),
                    "CLAUSE",
                    SEQUENTIAL,
                    null,
                    List.of(new Receipt.Served(0, "n1", "LEADER", 1, 0, Duration.ofMillis(3), waited)),
                    1,
                    TABLES);
            meter.served(agreement, receipt, meter.begin(sampling));
        }
        SlaFigures figures = only();
        assertThat(figures.met()).isEqualTo(16_000);
        assertThat(figures.waited().p50().toNanos()).isBetween(190L, 210L);
        assertThat(figures.waited().max().toMillis()).isBetween(49L, 51L);
        assertThat(figures.staleness().p99().toMillis()).isEqualTo(3);
        assertThat(figures.latency()).isNotNull();
    }

    @Test
    void beyondTheLimitTablesAreNotToldApart() {
        for (int i = 0; i < 10; i++) {
            Meter other = monitor.meter(Operation.SELECT, List.of("PUBLIC.T" + i));
            Agreement agreement = agreement(EVENTUAL, EVENTUAL);
            other.served(
                    agreement,
                    new Receipt(
                            agreement.asked(),
                            "CLAUSE",
                            EVENTUAL,
                            null,
                            List.of(new Receipt.Served(0, "n1", "LEADER", 1, 0, null, Duration.ZERO)),
                            1,
                            TABLES),
                    0);
        }
        assertThat(monitor.levels()).hasSize(5);
        assertThat(monitor.levels().get(0).key().table()).isEqualTo(SlaKey.OTHERS);
        assertThat(monitor.levels().get(0).met()).isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0.01, 700, 1300", "1, 100000, 100000"})
    void theSamplerTakesItsPart(double part, int least, int most) {
        AuditSampler sampler = new AuditSampler(part, 42, () -> true, sample -> {});
        long taken = IntStream.range(0, 100_000)
                .filter(i -> sampler.takes(Level.SEQUENTIAL))
                .count();
        assertThat(taken).isBetween((long) least, (long) most);
        assertThat(IntStream.range(0, 1000).anyMatch(i -> sampler.takes(Level.EVENTUAL)))
                .isFalse();
    }

    @Test
    void auditsAreBounded() {
        AuditSampler sampler = monitor.sampler(1, 42);
        long began = System.nanoTime();
        long taken = IntStream.range(0, 100_000)
                .filter(i -> sampler.takes(Level.SEQUENTIAL))
                .count();
        double seconds = (System.nanoTime() - began) / 1e9;
        assertThat(taken).isBetween(1L, 110 + (long) (seconds * SlaMonitor.MOST_AUDITS_PER_SECOND));
    }
}
