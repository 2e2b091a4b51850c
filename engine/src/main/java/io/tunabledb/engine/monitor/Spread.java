package io.tunabledb.engine.monitor;

import java.time.Duration;

/**
 * How a duration is spread, each figure within 1 %.
 *
 * @param count how many statements it stands for; sampled, so near the number there were
 * @param max the largest that was sampled; none that was longer than 100 µs is left out of waits
 */
public record Spread(long count, Duration mean, Duration p50, Duration p99, Duration max) {}
