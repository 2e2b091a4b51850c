package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Level;

/**
 * What the audit of one level came to.
 *
 * @param kept reads that were found to be as promised
 * @param broken reads that were not
 * @param unknown reads whose time line was no longer known
 * @param dropped reads that were sampled while too many waited
 */
public record AuditFigures(Level level, long kept, long broken, long unknown, long dropped) {}
