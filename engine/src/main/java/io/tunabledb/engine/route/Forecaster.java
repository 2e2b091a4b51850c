package io.tunabledb.engine.route;

import io.tunabledb.consistency.Level;
import io.tunabledb.consistency.Rung;
import io.tunabledb.engine.route.ClusterView.ReplicaView;
import java.util.List;

/**
 * Predicts what each rung of a ladder can do, and chooses the one to begin with: the greatest expected utility, where
 * each rung is worth half the one before. Terry et al. (Consistency-Based Service Level Agreements for Cloud Storage,
 * SOSP 2013) let applications give utilities; a ladder gives an order only, and halves say that a rung is skipped when
 * the next is more than twice as likely to be met. Pure.
 */
public final class Forecaster {
    private static final double NEXT_RUNG_IS_WORTH = 0.5;

    private Forecaster() {}

    /**
     * What is expected of a rung.
     *
     * @param needed the index a replica must have applied, 0 when none
     * @param withinNanos how long the rung may take
     */
    public static Forecast forecast(Rung rung, long needed, long withinNanos, ClusterView view, Measured measured) {
        Forecast best = Forecast.NOBODY;
        for (ReplicaView replica : view.replicas()) {
            Forecast one = forecast(rung, needed, withinNanos, replica, measured);
            if (best.node() == 0
                    || one.probability() > best.probability()
                    || (one.probability() == best.probability() && one.waitNanos() < best.waitNanos())) {
                best = one;
            }
        }
        return best;
    }

    private static Forecast forecast(Rung rung, long needed, long withinNanos, ReplicaView replica, Measured measured) {
        if (isReadyNow(rung, needed, replica)) {
            return new Forecast(replica.node(), 0, 1, 0);
        }
        Measured.Recent recent = measured.waits(replica.node(), rung.level());
        WaitProfile profile = recent.profile();
        return new Forecast(
                replica.node(),
                profile.medianNanos(),
                profile.probabilityWithin(withinNanos, recent.factor()),
                profile.weight(recent.factor()));
    }

    private static boolean isReadyNow(Rung rung, long needed, ReplicaView replica) {
        if (rung.level() == Level.LINEARIZABLE || rung.maxEntries() != null || replica.applied() < needed) {
            return false;
        }
        var bound = rung.maxStaleness();
        return bound == null || replica.stalenessNanos() <= bound.toNanos();
    }

    /** The position of the rung to begin with, from the forecasts of all. */
    public static int choose(List<Forecast> forecasts) {
        int chosen = 0;
        double most = -1;
        double worth = 1;
        for (int i = 0; i < forecasts.size(); i++) {
            double utility = worth * forecasts.get(i).probability();
            if (utility > most) {
                most = utility;
                chosen = i;
            }
            worth *= NEXT_RUNG_IS_WORTH;
        }
        return chosen;
    }
}
