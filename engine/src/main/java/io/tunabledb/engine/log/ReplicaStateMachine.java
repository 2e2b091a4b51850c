package io.tunabledb.engine.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the log drives on one replica. {@link #apply}, {@link #advanced}, {@link #restore} and {@link
 * #leadershipAcquired} never run at the same time as each other.
 */
public interface ReplicaStateMachine {

    /**
     * Applies a committed entry. Must not throw for an SQL error: the error is the entry's result.
     *
     * @param held what {@link ShardLog#append} was given, on the replica that proposed the entry; null elsewhere
     * @throws RuntimeException a broken invariant: this replica stops, the others go on
     */
    void apply(LogPosition at, byte[] entry, @Nullable Object held);

    /**
     * An append whose caller was told that its outcome is unknown is known not to be in the log, now or ever. On any thread.
     *
     * @param held what {@link ShardLog#append} was given
     */
    default void refused(Object held) {}

    /**
     * What a read index that is asked for now has to wait for at the leader: entries that are proposed, and whose callers were
     * told that their outcome is unknown. On any thread.
     *
     * @return completes when the log has decided on them; null when there are none
     */
    default @Nullable CompletableFuture<@Nullable Void> fates() {
        return null;
    }

    /** An entry of the log's own (configuration, a new leader's first) was committed; there is nothing to apply. */
    void advanced(LogPosition at);

    /** This replica now leads {@code term} and has applied everything logged before that term's first entry. */
    void leadershipAcquired(long term);

    /** This replica no longer leads, or never did in the term it now sees. May run beside {@link #apply}. */
    void leadershipLost();

    /**
     * Replaces all state with the newest valid snapshot in {@code directory}, or with nothing when there is none. Called
     * before the first apply, and again when a snapshot from the leader was put there.
     *
     * @return what the loaded snapshot covers; {@link LogPosition#ZERO} when there was none
     */
    LogPosition restore(Path directory) throws IOException;

    /** The newest completed snapshot file, or null. */
    @Nullable
    SnapshotFile latestSnapshot();

    /** This replica has stopped for good because of {@code cause}. */
    void failed(Throwable cause);

    /** A completed, synced snapshot file and the last entry whose effects it holds. */
    record SnapshotFile(LogPosition at, Path path) {}
}
