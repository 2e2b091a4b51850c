package io.tunabledb.engine.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.monitor.Audit.Verdict;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an audit says of a read, given when each replica applied what. Times are in milliseconds. */
class AuditTest {
    private static final long MILLI = 1_000_000;
    private static final long EPOCH = -7_000_000_000L;

    private final AppliedTimes times = new AppliedTimes(EPOCH);
    private final Audit audit = new Audit(shard -> times);

    /** Entries 10, 12 and 13 changed rows, at 100, 200 and 300 ms on node 1, later on node 2; 11 did not. */
    @BeforeEach
    void entries() {
        applied(1, 10, 100);
        applied(1, 12, 200);
        applied(1, 13, 300);
        applied(2, 10, 150);
        applied(2, 12, 250);
    }

    private void applied(int node, long index, long millis) {
        times.applied(node, index, EPOCH + millis * MILLI);
    }

    private Audit.Finding check(Rung rung, long served, long required, long atMillis) {
        return audit.check(new AuditSample(
                rung, "CLAUSE", List.of("PUBLIC.T"), 0, "n2", served, required, EPOCH + atMillis * MILLI));
    }

    @ParameterizedTest
    @CsvSource({
        // served, read at, within 50 ms: entry 12 is from 200 ms, 13 from 300 ms
        "12, 340, KEPT",
        "12, 349, KEPT",
        "12, 351, BROKEN",
        "10, 240, KEPT",
        "10, 251, BROKEN",
        "11, 251, BROKEN",
        "13, 9999, KEPT",
        "14, 9999, KEPT"
    })
    void aBoundedReadHoldsWhatWasAppliedAnywhereBeforeTheBound(long served, long at, Verdict verdict) {
        assertThat(check(Rung.bounded(Duration.ofMillis(50)), served, 0, at).verdict())
                .isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({"12, 299, KEPT", "12, 301, BROKEN", "13, 301, KEPT"})
    void aLinearizableReadHoldsWhatWasAppliedBeforeItBegan(long served, long at, Verdict verdict) {
        assertThat(check(Rung.of(Level.LINEARIZABLE), served, 0, at).verdict()).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({
        "12, 13, BROKEN",
        "13, 13, KEPT",
        "12, 12, KEPT",
        // entry 11 changed no rows, so nothing of it can be missing
        "10, 11, KEPT",
        "10, 12, BROKEN",
        // not applied anywhere yet: nobody can have seen it
        "13, 20, KEPT"
    })
    void aSessionsReadHoldsWhatTheSessionNeeds(long served, long required, Verdict verdict) {
        assertThat(check(Rung.of(Level.SEQUENTIAL), served, required, 0).verdict())
                .isEqualTo(verdict);
    }

    @ParameterizedTest
    @EnumSource(
            value = Level.class,
            names = {"SEQUENTIAL", "SNAPSHOT", "READ_YOUR_WRITE", "MONOTONIC_READ"})
    void theAgeOfASessionsReadIsNoMatter(Level level) {
        assertThat(check(Rung.of(level), 10, 10, 9999).verdict()).isEqualTo(Verdict.KEPT);
    }

    @Test
    void aFindingSaysWhatIsMissing() {
        assertThat(check(Rung.of(Level.READ_YOUR_WRITE), 10, 13, 0).detail())
                .contains("needed index 13", "end with entry 10", "lack entry 12");
    }

    @Test
    void whatTheTimeLineHasForgottenIsNotJudged() {
        applied(1, 13 + AppliedTimes.KEPT, 400);
        assertThat(check(Rung.bounded(Duration.ofMillis(50)), 10, 0, 410).verdict())
                .isEqualTo(Verdict.UNKNOWN);
        assertThat(check(Rung.bounded(Duration.ofMillis(50)), 10, 0, 500).verdict())
                .as("a newer entry that is missing tells as well")
                .isEqualTo(Verdict.BROKEN);
    }

    @Test
    void aReplayChangesNothing() {
        applied(2, 10, 5000);
        applied(1, 12, 5000);
        assertThat(times.first(10)).isEqualTo(times.at(1, 10));
        assertThat(times.at(1, 12) - EPOCH).isBetween(200 * MILLI, 201 * MILLI);
        applied(1, 13 + AppliedTimes.KEPT, 400);
        applied(1, 13, 6000);
        assertThat(times.at(1, 13)).isEqualTo(AppliedTimes.NEVER);
    }

    @Test
    void everyVerdictIsCounted() {
        check(Rung.of(Level.SEQUENTIAL), 13, 13, 0);
        check(Rung.of(Level.SEQUENTIAL), 12, 13, 0);
        Audit.Tally tally = audit.tally(Level.SEQUENTIAL);
        assertThat(tally.kept.sum()).isEqualTo(1);
        assertThat(tally.broken.sum()).isEqualTo(1);
        assertThat(tally.unknown.sum()).isZero();
    }
}
