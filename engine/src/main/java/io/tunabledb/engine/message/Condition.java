package io.tunabledb.engine.message;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a replica must meet before a read opens its snapshot there. It is tested where the read is served, on that replica's own
 * clock: whoever chose the replica had only news of it.
 */
public sealed interface Condition {

    /** What the session saw, wrote or names: it must be applied. */
    long index();

    /** Nothing else. Such a replica must be ready, too: what one that was just started shows may be older than the database. */
    record Applied(long index) implements Condition {}

    /** A read index that a majority confirms after this was asked, and every transaction over shards up to it is finished. */
    record Linearizable(long index) implements Condition {}

    /**
     * Data at most so old.
     *
     * @param entries how many entries it may be behind at most; null: that does not matter
     */
    record Bounded(Duration staleness, @Nullable Long entries, long index) implements Condition {}
}
