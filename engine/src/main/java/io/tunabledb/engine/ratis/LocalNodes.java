package io.tunabledb.engine.ratis;

import io.tunabledb.engine.net.Network;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The nodes of one database that run in this JVM, and the network between them. */
public final class LocalNodes {
    private final Network network;
    private final Map<Integer, RatisNode> running = new ConcurrentHashMap<>();

    public LocalNodes(Network network) {
        this.network = network;
    }

    /** The network every message between these nodes takes. */
    public Network network() {
        return network;
    }

    void join(RatisNode node) {
        if (running.putIfAbsent(node.id(), node) != null) {
            throw new IllegalStateException("node " + node.id() + " is already running in this JVM");
        }
    }

    void leave(RatisNode node) {
        running.remove(node.id(), node);
    }

    @Nullable
    RatisNode find(int node) {
        return running.get(node);
    }

    RatisNode get(int node) throws IOException {
        RatisNode found = running.get(node);
        if (found == null) {
            throw new IOException("node " + node + " is not running");
        }
        return found;
    }
}
