package io.tunabledb.engine.shard.cut;

import io.tunabledb.engine.shard.Replica;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A reader's snapshot of one replica at a cut. Once it is {@linkplain Replica#register registered} the apply thread takes it,
 * between the last entry that belongs to the cut and the first that does not; its reader must be left alone until it is
 * pinned or withdrawn.
 */
public final class CutPin {
    private enum State {
        WAITING,
        PINNED,
        OVER
    }

    private final Pinnable reader;
    private final CompletableFuture<Long> pinned = new CompletableFuture<>();
    private State state = State.WAITING;
    private Map<String, String> settings = Map.of();

    public CutPin(Pinnable reader) {
        this.reader = reader;
    }

    /** Completes with the index of the entry before which it was pinned; fails when it can't be pinned there any more. */
    public CompletableFuture<Long> pinned() {
        return pinned;
    }

    /** By the thread that keeps the state from changing, or finds out that it did. A reader that is broken troubles its session only. */
    public synchronized void take(long index, Map<String, String> now) {
        if (state != State.WAITING) {
            return;
        }
        try {
            reader.pinNow();
            settings = now;
            state = State.PINNED;
            pinned.complete(index);
        } catch (SQLException | RuntimeException e) {
            fail(e);
        }
    }

    /** The replica's settings in what is pinned. */
    public synchronized Map<String, String> settings() {
        return settings;
    }

    /** Whether it is. */
    public synchronized boolean isPinned() {
        return state == State.PINNED;
    }

    synchronized void fail(Exception why) {
        if (state == State.WAITING) {
            state = State.OVER;
            pinned.completeExceptionally(why);
        }
    }

    /** The reader is its session's again, without a snapshot. */
    public synchronized void withdraw() throws SQLException {
        boolean wasPinned = state == State.PINNED;
        state = State.OVER;
        if (wasPinned) {
            reader.unpin();
        } else {
            reader.releaseUnpinned();
        }
    }
}
