package io.tunabledb.engine.ratis;

import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.ratis.files.LastSeen;
import io.tunabledb.engine.ratis.files.NodeIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;

/** The nodes of one database that run in this JVM, and the network between them. */
public final class LocalNodes {
    private final Network network;
    private final @Nullable Sockets sockets;
    private final Map<Integer, RatisNode> running = new ConcurrentHashMap<>();
    private final FirstElections elections = new FirstElections();
    private final LastSeen lastSeen = new LastSeen();

    /** Those whose messages are method calls. */
    public LocalNodes(Network network) {
        this(network, null);
    }

    /**
     * Those that talk over sockets, though they run in one JVM; null for method calls.
     *
     * @param network what is asked where one node still looks into another
     */
    public LocalNodes(Network network, @Nullable Sockets sockets) {
        this.network = network;
        this.sockets = sockets;
    }

    /** How they reach each other; null when it is by method calls. */
    @Nullable
    Sockets sockets() {
        return sockets;
    }

    /** The network every message between these nodes takes. */
    public Network network() {
        return network;
    }

    /** Whether a node runs a replica of a group, and messages between it and another arrive as soon as they are sent. */
    private boolean isNear(int node, int other, RaftGroupId group) {
        RatisNode found = find(node);
        return found != null
                && found.replica(group).isAlive()
                && network.isUndisturbed(node, other)
                && network.isUndisturbed(other, node);
    }

    /** Whether a majority of a group runs and is in undisturbed reach of a node that does. */
    boolean runsMajority(RatisConfig config, RaftGroupId group) {
        long near = config.nodes().stream()
                .filter(node -> isNear(node, config.node(), group))
                .count();
        return 2 * near > config.nodes().size();
    }

    /**
     * The node that leads a group in a term or a later one, although a voter did not hear of it for a while, because this process
     * had no time for it; 0 when there is none, or it is right to do without it.
     */
    int slowLeader(RaftGroupId group, long term, int voter) {
        RatisNode asked = find(voter);
        if (asked == null || asked.replica(group).missesLeader()) {
            return 0;
        }
        return running.values().stream()
                .filter(node -> node.id() != voter
                        && node.replica(group).ratisTerm() >= term
                        && node.replica(group).ratisTerm() != 0
                        && isNear(node.id(), voter, group))
                .mapToInt(RatisNode::id)
                .findAny()
                .orElse(0);
    }

    /** Nobody stands for election until {@link #admitLatest}: the nodes are being started. */
    public void holdElections() {
        elections.hold();
    }

    /** All nodes that can be started are: whoever has a log that ends as late as any of theirs may stand. */
    public void admitLatest() {
        elections.admitLatest(running.values());
    }

    /** There are leaders: from now on Raft's own rules are enough. */
    public void freeElections() {
        elections.free();
    }

    /** The last index that any log of a shard held when they were opened; 0 for none. */
    public long lastIndexAtOpening(UUID database, int shard) {
        TermIndex latest = elections.latest(NodeIds.group(database, shard));
        return latest == null ? 0 : latest.getIndex() + 1;
    }

    /**
     * What the folder of a stopped node lacks of what it had when it was stopped in this process, as after an older copy was put
     * back: it must not vote. Null when nothing is missing, or nothing is known.
     */
    public @Nullable String missing(int node, Path folder, UUID database, int shards) throws IOException {
        return lastSeen.missing(node, folder, database, shards);
    }

    /** A stopped node's folder was emptied on purpose. */
    public void wiped(int node) {
        lastSeen.wiped(node);
    }

    LastSeen lastSeen() {
        return lastSeen;
    }

    FirstElections elections() {
        return elections;
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
