package io.tunabledb.engine.route;

/**
 * What is expected of a rung.
 *
 * @param node the replica most likely to meet it, 0 when none can be reached
 * @param waitNanos how long that is expected to take
 * @param probability that it does so within the rung's time, 0 to 1
 * @param samples how many recent waits this rests on; 0 for what is known without measuring
 */
public record Forecast(int node, long waitNanos, double probability, double samples) {

    /** No replica is in reach. */
    static final Forecast NOBODY = new Forecast(0, 0, 0, 0);
}
