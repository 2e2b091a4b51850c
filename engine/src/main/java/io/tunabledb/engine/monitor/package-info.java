/**
 * What was really served, counted, timed, and audited after the fact. Execution tells it; schema TUNABLE, the metrics and
 * {@link io.tunabledb.engine.monitor.SlaMonitor} show it; it decides nothing.
 */
@NullMarked
package io.tunabledb.engine.monitor;

import org.jspecify.annotations.NullMarked;
