package io.tunabledb.engine.outbox;

import java.time.Duration;

/**
 * How outboxes behave.
 *
 * @param maxEntries the most writes one may hold
 * @param maxBytes the most bytes they may have together
 * @param patience how long the leader may take for a batch
 * @param drain how long the close of all nodes waits for what they hold to be carried out
 * @param durable whether its log and snapshots must reach the disk
 */
public record OutboxOptions(long maxEntries, long maxBytes, Duration patience, Duration drain, boolean durable) {}
