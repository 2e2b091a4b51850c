package io.tunabledb.consistency;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one statement got: the proof that travels with its result.
 *
 * @param asked the ladder that was asked for
 * @param decidedBy who decided: CLAUSE, HINT, SET TRANSACTION, SET CONSISTENCY, RULE name, TABLE name, URL or DEFAULT
 * @param granted the rung that was served
 * @param reason why granted differs from the first rung asked, or null when it does not
 * @param served one line per shard that took part
 * @param attempts how many times a replica was tried, at least 1
 * @param tables the tables the statement names, in order of appearance
 */
public record Receipt(
        Ladder asked,
        String decidedBy,
        Rung granted,
        @Nullable String reason,
        List<Served> served,
        int attempts,
        List<String> tables) {

    /** The same of a statement that these served. */
    public Receipt servedBy(List<Served> others) {
        return new Receipt(asked, decidedBy, granted, reason, others, attempts, tables);
    }

    /**
     * What one shard contributed.
     *
     * @param shard the shard's number, from 0
     * @param replica the node whose replica served, for example {@code n1}
     * @param role LEADER, FOLLOWER or UNKNOWN, as the replica itself saw it then
     * @param index the log index up to which the result may have seen; for a write, the index of its entry
     * @param required the log index that the level demanded of the replica because of what the session saw and wrote; 0 for none
     * @param staleness how old the data can at most have been when it was served; null when the replica holds no lease
     * @param waited how long the statement waited for the level's condition
     */
    public record Served(
            int shard,
            String replica,
            String role,
            long index,
            long required,
            @Nullable Duration staleness,
            Duration waited) {}
}
