package io.tunabledb.engine.monitor;

import java.time.Duration;

/** How a duration is spread: the median, the 99th percentile and the largest, each within 1 %. */
public record Spread(Duration p50, Duration p99, Duration max) {}
