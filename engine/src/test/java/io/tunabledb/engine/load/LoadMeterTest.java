package io.tunabledb.engine.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.consistency.Ladder;
import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rule;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.load.LoadOptions.Source;
import io.tunabledb.engine.negotiate.Load;
import io.tunabledb.engine.plan.Catalog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the load is made of, on a clock and processors of its own. */
class LoadMeterTest {
    private static final long MILLI = 1_000_000;

    private long now;
    private double processors;
    private Catalog catalog = rules(1, 0.5, Level.SEQUENTIAL, Level.EVENTUAL);

    private static Catalog rules(long version, double load, Level... to) {
        List<Rung> rungs = List.of(to).stream().map(Rung::of).toList();
        Rule.Downgrade downgrade = rungs.isEmpty() ? null : new Rule.Downgrade(rungs, load);
        return new Catalog(
                version,
                Map.of(),
                List.of(new Rule(
                        "R", null, Rule.Operations.ANY, null, Ladder.of(Level.LINEARIZABLE), null, downgrade)));
    }

    private LoadMeter meter(Set<Source> sources) {
        LoadOptions options =
                new LoadOptions(sources, 4, Duration.ofMillis(20), Duration.ofMillis(500), Duration.ofSeconds(1), 0.2);
        return new LoadMeter(options, () -> now, () -> processors, () -> catalog);
    }

    private void run(LoadMeter meter, long millis) {
        for (long end = now + millis * MILLI; now < end; now += 50 * MILLI) {
            meter.sample();
        }
    }

    @Test
    void theHighestSourceCounts() {
        LoadMeter meter = meter(EnumSet.allOf(Source.class));
        processors = 0.2;
        Activity busy = meter.open();
        busy.begin();
        Activity done = meter.open();
        done.begin();
        done.end(8 * MILLI);
        done.begin();
        done.end(4 * MILLI);
        meter.sample();
        LoadMeter.View view = meter.view();
        assertThat(view.readings().get(Source.IN_FLIGHT).load()).isEqualTo(1 / 4.0);
        assertThat(view.readings().get(Source.QUEUE_WAIT).value())
                .as("mean of 8 and 4 ms")
                .isEqualTo(6);
        assertThat(view.readings().get(Source.QUEUE_WAIT).load()).isEqualTo(6 / 20.0);
        assertThat(view.readings().get(Source.CPU).load()).isEqualTo(0.2);
        assertThat(view.load()).isEqualTo(0.3);
        meter.sample();
        assertThat(meter.view().load())
                .as("nothing waited since; one is still in flight")
                .isEqualTo(0.25);
        meter.close(busy);
        meter.sample();
        assertThat(meter.view().load()).as("the session is gone").isEqualTo(0.2);
    }

    @Test
    void aSourceSwitchedOffIsShownAndDoesNotCount() {
        processors = 1;
        LoadMeter meter = meter(EnumSet.of(Source.IN_FLIGHT));
        run(meter, 5_000);
        assertThat(meter.view().readings().get(Source.CPU).value()).isEqualTo(1);
        assertThat(meter.view().readings().get(Source.CPU).counts()).isFalse();
        assertThat(meter.view().load()).isZero();
        assertThat(meter.load()).isSameAs(Load.NONE);
    }

    @Test
    void unknownProcessorsAreNoLoad() {
        processors = -1;
        LoadMeter meter = meter(EnumSet.allOf(Source.class));
        run(meter, 1_000);
        assertThat(meter.view().load()).isZero();
    }

    @Test
    void higherLoadPassesMoreThresholds() {
        LoadMeter meter = meter(EnumSet.of(Source.CPU));
        processors = 0.7;
        run(meter, 3_000);
        assertThat(meter.load().exceeded()).containsExactly(0.5);
        assertThat(meter.load().figure()).isBetween(0.5, 0.7);
        processors = 1.5;
        run(meter, 3_000);
        assertThat(meter.load().exceeded()).containsExactlyInAnyOrder(0.5, 1.0);
        processors = 0.1;
        run(meter, 3_000);
        assertThat(meter.load()).isSameAs(Load.NONE);
    }

    @Test
    void decisionsHoldWhileNothingIsSwitched() {
        LoadMeter meter = meter(EnumSet.of(Source.CPU));
        processors = 0.9;
        run(meter, 3_000);
        Load passed = meter.load();
        processors = 0.7;
        run(meter, 3_000);
        assertThat(meter.load()).isSameAs(passed);
    }

    @Test
    void aPeakOfOneReadingIsSmoothedAway() {
        LoadMeter meter = meter(EnumSet.of(Source.CPU));
        List<Double> smoothed = new ArrayList<>();
        run(meter, 1_000);
        processors = 1;
        run(meter, 50);
        smoothed.add(meter.view().smoothed());
        processors = 0;
        run(meter, 2_000);
        smoothed.add(meter.view().smoothed());
        assertThat(smoothed.get(0)).isBetween(0.1, 0.3);
        assertThat(smoothed.get(1)).isLessThan(0.01);
        assertThat(meter.load()).isSameAs(Load.NONE);
    }

    @Test
    void aDroppedRuleTakesItsThresholdsAway() {
        LoadMeter meter = meter(EnumSet.of(Source.CPU));
        processors = 0.9;
        run(meter, 3_000);
        assertThat(meter.load().exceeded()).containsExactly(0.5);
        catalog = rules(2, 0.5);
        assertThat(meter.isWatched()).isFalse();
        assertThat(meter.load()).isSameAs(Load.NONE);
        catalog = rules(3, 0.5, Level.EVENTUAL);
        assertThat(meter.isWatched()).isTrue();
        assertThat(meter.load()).as("it begins anew").isSameAs(Load.NONE);
    }
}
