package io.tunabledb.engine.monitor;

/**
 * How likely an EVENTUAL read sees a write, as measured.
 *
 * @param table {@code SCHEMA.TABLE}
 * @param delayMillis the time from the write's acknowledgement to the read
 * @param probability 0 to 1
 * @param samples from how many writes times replicas
 */
public record VisibilityFigures(String table, int delayMillis, double probability, long samples) {}
