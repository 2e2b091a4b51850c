package io.tunabledb.engine.shard.cut;

import io.tunabledb.engine.h2.Storage;
import io.tunabledb.engine.h2.catalog.EpochRow;
import java.sql.SQLException;
import java.util.function.Supplier;

/**
 * Where this replica is in the order of cuts: which epoch its log is in and, in the first shard, which cut was started
 * last. Replicated state, so every replica is alike at the same entry. Changed by the apply thread only, read by any.
 */
public final class Epochs {
    private final Supplier<Storage> storage;
    private volatile EpochRow now = EpochRow.FIRST;

    public Epochs(Supplier<Storage> storage) {
        this.storage = storage;
    }

    /** Takes over what a snapshot has. */
    public void restore() throws SQLException {
        now = storage.get().own().epochs();
    }

    public EpochRow now() {
        return now;
    }

    /**
     * The epoch of the last entry applied. Read it after a result: then the result has seen no later one. An entry becomes
     * visible only after the epoch it is in has.
     */
    public long epoch() {
        return now.epoch();
    }

    /** A cut is begun; false when it does not follow the newest one. */
    public boolean start(long cut) {
        EpochRow before = now;
        if (cut != before.newest() + 1) {
            return false;
        }
        keep(new EpochRow(before.epoch(), cut, false));
        return true;
    }

    /** A cut is given up; false when it is not the newest one, or was given up before. */
    public boolean cancel(long cut) {
        EpochRow before = now;
        if (cut != before.newest() || before.cancelled()) {
            return false;
        }
        keep(new EpochRow(before.epoch(), cut, true));
        return true;
    }

    /** A later epoch begins. */
    void begin(long epoch) {
        EpochRow before = now;
        keep(new EpochRow(epoch, before.newest(), before.cancelled()));
    }

    private void keep(EpochRow next) {
        storage.get().committed().keep(next);
        now = next;
    }

    /** Up to which cut this replica's log says that it is complete or given up: a cut is started only after the one before. */
    public long released() {
        EpochRow known = now;
        long started = Math.max(known.epoch(), known.newest());
        return known.cancelled() && known.newest() >= started ? started : Math.max(0, started - 1);
    }
}
