package io.tunabledb.engine.execute.read;

import io.tunabledb.consistency.Durations;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.execute.session.ShardSession;
import io.tunabledb.engine.route.ClusterView;
import io.tunabledb.engine.route.Forecast;
import io.tunabledb.engine.route.Forecaster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Where a ladder is entered: decided before anything is tried, from what was measured lately.
 *
 * @param forecasts of every rung
 * @param rung the position of the rung to begin with, from 0
 */
record LadderStart(List<Forecast> forecasts, int rung) {

    /** Looks at the cluster and the measurements as they are now. */
    static LadderStart of(ShardSession session, List<Rung> rungs) {
        ClusterView view = session.view();
        List<Forecast> forecasts = new ArrayList<>(rungs.size());
        for (Rung rung : rungs) {
            Duration within = Objects.requireNonNullElse(rung.within(), session.consistencyTimeout());
            // an AFTER token is checked when its rung is tried: it may have to ask the leader
            long needed = ReplicaSearch.neededBySession(session, rung);
            forecasts.add(Forecaster.forecast(rung, needed, within.toNanos(), view, session.waits()));
        }
        return new LadderStart(forecasts, Forecaster.choose(forecasts));
    }

    /** Why a rung before the first one tried was left out. */
    String whyNot(List<Rung> rungs) {
        return "fell to rung " + (rung + 1) + ": " + rungs.get(rung - 1).text() + " was not tried, predicted is "
                + describe(forecasts.get(rung - 1));
    }

    /** A forecast for people. */
    static String describe(Forecast forecast) {
        if (forecast.node() == 0) {
            return "that no replica can be reached";
        }
        String basis = forecast.samples() == 0
                ? ""
                : String.format(Locale.ROOT, ", from recent waits of weight %.1f", forecast.samples());
        return "n" + forecast.node() + " within " + millis(forecast.waitNanos())
                + String.format(Locale.ROOT, " with probability %.2f", forecast.probability()) + basis;
    }

    private static String millis(long nanos) {
        return nanos >= 1_000_000
                ? Durations.text(Duration.ofMillis(nanos / 1_000_000))
                : String.format(Locale.ROOT, "%.3f MS", nanos / 1e6);
    }
}
