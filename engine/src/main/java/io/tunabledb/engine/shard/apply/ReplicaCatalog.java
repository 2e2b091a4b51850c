package io.tunabledb.engine.shard.apply;

import io.tunabledb.engine.shard.life.CurrentStorage;
import java.sql.SQLException;
import java.util.Map;

/** The settings that a replica's tables have; who listens to the replica is told when they change. */
public final class ReplicaCatalog {
    private final CurrentStorage storage;
    private final Told told;
    /** Read inside the gates, where no definition runs: that is what storage has then. */
    private volatile Map<String, String> settings = Map.of();

    /** Who is told. */
    @FunctionalInterface
    public interface Told {
        /** The settings as of {@code index}, after a change. On the apply thread: be quick. */
        void changed(long index, Map<String, String> settings);
    }

    public ReplicaCatalog(CurrentStorage storage, Told told) {
        this.storage = storage;
        this.told = told;
    }

    public Map<String, String> settings() {
        return settings;
    }

    /** Storage has others as of this index. By the log's thread. */
    public void publish(long atIndex) {
        try {
            Map<String, String> catalog = storage.get().catalog();
            settings = Map.copyOf(catalog);
            told.changed(atIndex, catalog);
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "can't read the catalog of " + storage.id().nodeName(), e);
        }
    }
}
