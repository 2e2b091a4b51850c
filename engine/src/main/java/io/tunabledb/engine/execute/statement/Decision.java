package io.tunabledb.engine.execute.statement;

import io.tunabledb.engine.execute.session.Meaning;
import io.tunabledb.engine.execute.session.PlacementVersion;
import io.tunabledb.engine.monitor.Meter;
import io.tunabledb.engine.negotiate.Agreement;
import io.tunabledb.engine.negotiate.Load;
import io.tunabledb.engine.plan.Plan;
import java.util.List;

/**
 * What was decided for a statement, good while nothing it was made from has changed: {@link Decider#isCurrent}.
 *
 * @param meaning what its names mean
 * @param tables the tables it concerns, views and what stands behind them included, for people
 * @param version of the session, when it was made
 * @param catalogVersion of the catalog it was made with
 * @param load the load it was made under
 * @param meter counts its executions
 */
public record Decision(
        Meaning meaning,
        Plan plan,
        PlacementVersion placementVersion,
        Agreement agreement,
        List<String> tables,
        int version,
        long catalogVersion,
        Load load,
        Meter meter) {}
