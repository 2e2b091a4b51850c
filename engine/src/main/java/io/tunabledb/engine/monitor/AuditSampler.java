package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Level;
import java.util.SplittableRandom;

/**
 * Chooses which of one session's reads are audited: each alike with a given probability, but no more from all sessions
 * together than {@value SlaMonitor#MOST_AUDITS_PER_SECOND} a second. Belongs to the session's thread.
 */
public final class AuditSampler {
    private final SlaMonitor monitor;
    private final double part;
    private final SplittableRandom random;
    private int left;

    AuditSampler(SlaMonitor monitor, double part, long seed) {
        this.monitor = monitor;
        this.part = part;
        this.random = new SplittableRandom(seed);
        this.left = gap();
    }

    /** Whether to audit this read; the common answer, no, costs a decrement. */
    public boolean takes(Level level) {
        if (--left > 0) {
            return false;
        }
        left = gap();
        return part > 0 && isAudited(level) && monitor.admitsAudit();
    }

    /** Weaker ones promise nothing that could be checked. */
    private static boolean isAudited(Level level) {
        return level != Level.EVENTUAL && level != Level.READ_UNCOMMITTED;
    }

    /** Geometric: how long until the next in a row of independent choices. */
    private int gap() {
        if (part >= 1 || part <= 0) {
            return part <= 0 ? Integer.MAX_VALUE : 1;
        }
        double gap = Math.log(1 - random.nextDouble()) / Math.log1p(-part);
        return (int) Math.min(Integer.MAX_VALUE, 1 + Math.floor(gap));
    }
}
