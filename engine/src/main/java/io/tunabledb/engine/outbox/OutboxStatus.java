package io.tunabledb.engine.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One node's outbox at one moment.
 *
 * @param incarnation 0 when the node never accepted a weak write
 * @param accepted how many writes this outbox has acknowledged
 * @param pending how many of them are not known to be carried out
 * @param bytes how many bytes those have
 * @param oldest how long the oldest of them has been waiting; null when there is none
 * @param forwarded how many were carried out or rejected
 * @param rejected how many failed when their turn came
 * @param lastError why the last batch was not carried out at once; null when it was
 */
public record OutboxStatus(
        int node,
        long incarnation,
        long accepted,
        long pending,
        long bytes,
        @Nullable Duration oldest,
        long forwarded,
        long rejected,
        @Nullable String lastError) {}
