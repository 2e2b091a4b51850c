package io.tunabledb.engine.monitor;

import io.tunabledb.consistency.Level;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Chooses which of one session's reads are audited: each alike with a given probability, but no more from all sessions
 * together than {@value SlaMonitor#MOST_AUDITS_PER_SECOND} a second. Belongs to the session's thread.
 */
public final class AuditSampler {
    private final BooleanSupplier admission;
    private final Consumer<AuditSample> auditor;
    private final double part;
    private final SplittableRandom random;
    private int left;

    AuditSampler(double part, long seed, BooleanSupplier admission, Consumer<AuditSample> auditor) {
        this.admission = admission;
        this.auditor = auditor;
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
        return part > 0 && isAudited(level) && admission.getAsBoolean();
    }

    /** Hands over a read that was taken. Never waits. */
    public void sampled(AuditSample sample) {
        auditor.accept(sample);
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
