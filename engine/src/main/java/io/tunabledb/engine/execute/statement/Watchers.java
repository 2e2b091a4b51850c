package io.tunabledb.engine.execute.statement;

import io.tunabledb.engine.load.LoadMeter;
import io.tunabledb.engine.load.RuleCounts;
import io.tunabledb.engine.monitor.SlaMonitor;

/**
 * What watches the statements of all of a database's sessions.
 *
 * @param loads measures the load that rules look at
 * @param monitor counts how promises are kept
 * @param ruleCounts counts what rules raised and downgraded
 */
public record Watchers(LoadMeter loads, SlaMonitor monitor, RuleCounts ruleCounts) {}
