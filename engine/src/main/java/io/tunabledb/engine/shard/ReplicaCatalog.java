package io.tunabledb.engine.shard;

import java.sql.SQLException;
import java.util.Map;

/** The settings that a replica's tables have; who listens to the replica is told when they change. */
final class ReplicaCatalog {
    private final Replica replica;
    private final ReplicaListener listener;
    /** Read inside the gates, where no definition runs: that is what storage has then. */
    private volatile Map<String, String> settings = Map.of();

    ReplicaCatalog(Replica replica, ReplicaListener listener) {
        this.replica = replica;
        this.listener = listener;
    }

    Map<String, String> settings() {
        return settings;
    }

    /** Storage has others as of this index. By the log's thread. */
    void publish(long atIndex) {
        try {
            Map<String, String> catalog = replica.storage().catalog();
            settings = Map.copyOf(catalog);
            listener.catalogChanged(replica, atIndex, catalog);
        } catch (SQLException e) {
            throw new IllegalStateException("can't read the catalog of " + replica.nodeName(), e);
        }
    }
}
