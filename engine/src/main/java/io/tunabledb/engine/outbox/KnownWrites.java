package io.tunabledb.engine.outbox;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What an outbox is known to have acknowledged when its database ran last.
 *
 * @param upTo the last number that was acknowledged
 * @param done the last number that was carried out
 */
record KnownWrites(long incarnation, long upTo, long done) {

    /**
     * What is missing of it; null when it is there, or may be.
     *
     * @param now what the outbox has; null while it is not open
     * @param isPresent whether there is something on disk that could be opened
     */
    @Nullable
    String missing(PendingWrites.@Nullable Counts now, BooleanSupplier isPresent) {
        long accepted = now == null ? 0 : now.accepted();
        boolean isOther = now == null ? !isPresent.getAsBoolean() : now.incarnation() != incarnation;
        boolean isShorter = now != null && !isOther && accepted < upTo;
        if (!isOther && !isShorter) {
            return null;
        }
        long from = isShorter ? Math.max(done, accepted) : done;
        return "its log is " + (isOther ? "gone" : "shorter than it was") + ": acknowledged writes with numbers "
                + (from + 1) + " to " + upTo + " of incarnation " + Long.toHexString(incarnation)
                + " are lost, but for those that were carried out before";
    }
}
