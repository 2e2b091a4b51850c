package io.tunabledb.engine.message;

import org.jspecify.annotations.Nullable;

/**
 * A transaction that holds locks at a shard's leader.
 *
 * @param id its number at the leader
 * @param session the client session's
 * @param phase open, proposed and so on, for people
 * @param home the shard that decides, of one over shards; null of others
 * @param isWaiting whether it waits for a row that another has locked
 */
public record TransactionReport(
        long id,
        long session,
        String phase,
        long ageNanos,
        @Nullable Integer home,
        boolean isWaiting) {}
