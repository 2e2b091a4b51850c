package io.tunabledb.engine.shard.life;

import io.tunabledb.engine.h2.Storage;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The tables a replica has now: none before it has started, and others after a snapshot has replaced them. */
public final class CurrentStorage implements Supplier<Storage> {
    private final ReplicaId id;
    private volatile @Nullable Storage storage;

    public CurrentStorage(ReplicaId id) {
        this.id = id;
    }

    /** Whose they are. */
    public ReplicaId id() {
        return id;
    }

    /** The tables. */
    @Override
    public Storage get() {
        return Objects.requireNonNull(storage, "replica not started");
    }

    /** The same, or null before it has started. */
    public @Nullable Storage orNull() {
        return storage;
    }

    /** Whether H2 has closed them, as it does by itself when memory ends; false where there are none. */
    public boolean isShut() {
        Storage current = storage;
        return current != null && current.isShut();
    }

    /**
     * Others take their place.
     *
     * @return those there were, for the caller to close; null when there were none
     */
    public @Nullable Storage replace(Storage by) {
        Storage before = storage;
        storage = by;
        return before;
    }
}
