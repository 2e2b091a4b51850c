package io.tunabledb.engine.ratis;

import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.ratis.files.NodeIds;
import io.tunabledb.engine.ratis.files.OwnLogRepair;
import io.tunabledb.engine.wire.Addresses;
import io.tunabledb.engine.wire.Endpoint;
import io.tunabledb.engine.wire.WireServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.util.ProtoUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: a Ratis server with one division per shard.
 *
 * <p><b>Rejoining.</b> A node whose directory was lost must say so ({@link RatisConfig#rejoining}). It has forgotten
 * which entries it helped to commit and whom it voted for; its vote could elect a leader that lacks a committed entry.
 * So it neither votes nor stands for election, nor vouches for a leader, until it has applied everything a majority
 * without it confirmed after its start, and until every election it may have voted in before has ended.
 */
public final class RatisNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RatisNode.class);
    /** Nobody else can help, so its opening is given up late: a stopped or starved JVM is slow, not broken. */
    private static final Duration OWN_LOG_PATIENCE = Duration.ofMinutes(1);

    private final RatisConfig config;
    private final LocalNodes nodes;
    private final List<Replica> replicas = new ArrayList<>();
    private final RaftServer server;
    private final RaftProperties properties;
    /** Where it listens; null when it does not. */
    private final @Nullable Endpoint listens;

    private final SnapshotSending snapshotSending = new SnapshotSending();
    /** The log of this node alone, once it is open. */
    private volatile @Nullable Replica own;

    /** Election timeouts go by it. */
    private final RunningTime.Watch clock;

    private volatile boolean closed;
    /** Whoever closes it again later may find other files there. */
    private final AtomicBoolean isSeen = new AtomicBoolean();

    /** Ratis's divisions and appenders read the one set of properties when they are made. */
    private final Object propertiesLock = new Object();

    private RatisNode(RatisConfig config, LocalNodes nodes) throws IOException {
        this.config = config;
        this.nodes = nodes;
        for (int shard = 0; shard < config.shards(); shard++) {
            RaftGroupId group = NodeIds.group(config.database(), shard);
            replicas.add(new Replica(config, group, config.replicas().apply(shard), nodes, shard));
        }
        Files.createDirectories(config.directory());
        Sockets sockets = nodes.sockets();
        listens = sockets == null ? null : sockets.addresses().listens(config.node());
        properties = Settings.of(config, listens);
        Settings.storage(properties, config.directory().resolve("none"));
        Settings.require(properties);
        Settings.neverStepsDownForPause(properties);
        server = RaftServer.newBuilder()
                .setServerId(NodeIds.peer(config.node()))
                .setStateMachineRegistry(this::stateMachine)
                .setProperties(properties)
                .setParameters(
                        sockets == null
                                ? JvmRpc.parameters(nodes, this)
                                : GrpcRpc.parameters(
                                        nodes,
                                        this,
                                        sockets.services().apply(config.node()),
                                        GrpcSettings.maxMessageBytes(properties)))
                .build();
        Settings.elections(properties, config);
        Settings.storage(properties, config.directory());
        clock = RunningTime.watch();
    }

    /**
     * Starts a node. When this returns its replicas are restored from their snapshots and follow or lead.
     *
     * @throws IOException the directory can't be used, or {@code restore} of a replica failed
     */
    public static RatisNode start(RatisConfig config, LocalNodes nodes) throws IOException {
        boolean joins = config.nodes().stream().anyMatch(node -> nodes.find(node) != null);
        // one that comes back finds leaders there, and leaves them be
        return startAll(List.of(joins ? config.withoutFirstLeader() : config), nodes)
                .get(0);
    }

    /**
     * Starts several nodes at once, each shard on its designated first leader last, so that its election finds the others
     * there.
     *
     * @return the nodes in the order of their configurations
     * @throws IOException one could not be started; none is left running
     */
    public static List<RatisNode> startAll(List<RatisConfig> configs, LocalNodes nodes) throws IOException {
        List<CompletableFuture<RatisNode>> made = configs.stream()
                .map(config -> CompletableFuture.supplyAsync(() -> make(config, nodes), Threads.SHORT))
                .toList();
        List<CompletableFuture<Void>> voters = made.stream()
                .map(node -> node.thenAcceptAsync(RatisNode::startAsVoter, Threads.SHORT))
                .toList();
        try {
            CompletableFuture.allOf(voters.toArray(CompletableFuture<?>[]::new)).join();
            List<RatisNode> all = made.stream().map(CompletableFuture::join).toList();
            boolean isWhole = all.size() == configs.get(0).nodes().size()
                    && nodes.elections().isHeld();
            if (isWhole) {
                nodes.elections().admitFirst(all);
            }
            // not on the caller's thread: what Ratis starts there would be no daemon and keep the JVM alive
            CompletableFuture.allOf(all.stream()
                            .map(node -> CompletableFuture.runAsync(node::startAsFirstLeader, Threads.SHORT))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
            if (isWhole) {
                nodes.elections().admitLatest(all);
            }
            all.stream()
                    .filter(node -> node.config.rejoining())
                    .forEach(node -> Rejoining.begin(node.config, node.replicas));
            return all;
        } catch (CompletionException e) {
            made.forEach(node -> {
                if (!node.isCompletedExceptionally()) {
                    node.join().close();
                }
            });
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private static RatisNode make(RatisConfig config, LocalNodes nodes) {
        try {
            RatisNode node = new RatisNode(config, nodes);
            nodes.join(node);
            return node;
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private void startAsVoter() {
        try {
            if (listens != null) {
                // Ratis says less
                WireServer.requireFree(listens.host(), listens.port());
            }
            server.start();
            for (int shard = 0; shard < replicas.size(); shard++) {
                if (!config.isFirstLeader(shard)) {
                    add(replicas.get(shard).group(), config.nodes());
                }
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private void startAsFirstLeader() {
        List<Replica> own = IntStream.range(0, replicas.size())
                .filter(config::isFirstLeader)
                .mapToObj(replicas::get)
                .toList();
        if (own.isEmpty()) {
            return;
        }
        Settings.standsFirst(properties);
        try {
            for (Replica replica : own) {
                add(replica.group(), config.nodes());
            }
            awaitStanding(own);
        } catch (IOException e) {
            throw new CompletionException(e);
        } finally {
            Settings.elections(properties, config);
        }
    }

    /** Until they have read how soon they may stand; whoever waits for leaders after the start would wait as long. */
    private void awaitStanding(List<Replica> standing) {
        long deadline = System.nanoTime() + config.electionTimeoutMin().toNanos();
        while (System.nanoTime() - deadline < 0 && standing.stream().anyMatch(replica -> !replica.hasStood())) {
            LockSupport.parkNanos(500_000);
        }
    }

    /**
     * Opens a log whose only member is this node: as durable as the shards' logs, and it needs nobody else. Blocks until
     * it takes appends. One that is closed, or could not be opened, can be opened again.
     *
     * @param stateMachine what it drives
     * @param folder where it lives, and nothing else
     * @param maxEntryBytes the largest entry that can be appended; a buffer of this size is kept
     * @param replacement what the state machine reads in place of an entry that can't be read any more
     */
    public synchronized ShardLog openOwnLog(
            ReplicaStateMachine stateMachine, Path folder, int maxEntryBytes, byte[] replacement) throws IOException {
        Replica before = own;
        if (closed || (before != null && !before.isClosed())) {
            throw new IOException("node " + id() + (closed ? " is closed" : " has opened its own log already"));
        }
        if (before != null) {
            forgetOwn(before);
        }
        // there is nobody to rebuild it from; what the power failed under was not acknowledged
        Files.createDirectories(folder);
        requireOwn(folder);
        OwnLogRepair.mend(folder, replacement);
        RatisConfig alone = config.alone(folder, maxEntryBytes);
        Replica replica =
                new Replica(alone, NodeIds.ownGroup(config.database(), id()), stateMachine, nodes, config.shards());
        own = replica;
        boolean isOpen = false;
        try {
            // not on the caller's thread: what Ratis starts there would be no daemon and keep the JVM alive
            CompletableFuture.runAsync(() -> addAlone(replica, alone), Threads.SHORT)
                    .join();
            awaitLeading(replica);
            isOpen = true;
            return replica;
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            Settings.elections(properties, config);
            if (!isOpen) {
                forgetOwn(replica);
            }
        }
    }

    /** Beside another node's log a new one would begin, and what that one has acknowledged would not be found. */
    private void requireOwn(Path folder) throws IOException {
        for (int other : config.nodes()) {
            Path found = folder.resolve(
                    NodeIds.ownGroup(config.database(), other).getUuid().toString());
            if (other != id() && Files.exists(found)) {
                throw new IOException(folder + " holds the log of node " + other
                        + " alone: somebody has mixed up the nodes' folders; nothing was changed; put each back to its"
                        + " node and open the database again");
            }
        }
    }

    /** Ratis keeps a group that is closed, and takes no other of its name; what is on disk stays. */
    private void forgetOwn(Replica replica) throws IOException {
        replica.close();
        GroupManagementRequest request =
                GroupManagementRequest.newRemove(ClientId.randomId(), server.getId(), 0, replica.group(), false, false);
        RaftClientReply reply = server.groupManagement(request);
        if (!reply.isSuccess()) {
            // it was never added
            LOG.debug("node {} does not know the group of its own log", id(), reply.getException());
        }
        own = null;
    }

    private void addAlone(Replica replica, RatisConfig alone) {
        synchronized (propertiesLock) {
            try {
                Settings.alone(properties, alone);
                add(replica.group(), List.of(id()));
            } catch (IOException e) {
                throw new CompletionException(e);
            } finally {
                Settings.buffers(properties, config);
                Settings.storage(properties, config.directory());
            }
        }
    }

    /** Makes a part of a shard, which must not find the properties of the log of this node alone. */
    <T> T withSharedProperties(Supplier<T> make) {
        synchronized (propertiesLock) {
            return make.get();
        }
    }

    /** A member alone elects itself as soon as it may. */
    private void awaitLeading(Replica replica) throws IOException {
        long deadline = RunningTime.nanos() + OWN_LOG_PATIENCE.toNanos();
        while (!replica.status().leading()) {
            if (closed || replica.isClosed()) {
                throw new IOException("the log of node " + id() + " alone was closed while it was being opened");
            }
            if (RunningTime.nanos() - deadline > 0) {
                throw new IOException("the log of node " + id() + " alone did not open within "
                        + OWN_LOG_PATIENCE.toMillis() + " ms");
            }
            LockSupport.parkNanos(500_000);
        }
    }

    private void add(RaftGroupId group, List<Integer> members) throws IOException {
        List<RaftPeer> peers = members.stream().map(this::peer).toList();
        // not formatted: what is in the directory is taken up
        GroupManagementRequest request = GroupManagementRequest.newAdd(
                ClientId.randomId(), server.getId(), 0, RaftGroup.valueOf(group, peers), false);
        RaftClientReply reply = server.groupManagement(request);
        if (!reply.isSuccess()) {
            throw new IOException("group " + group + " could not be started", reply.getException());
        }
        replica(group).opened();
    }

    /** As this node finds it: by a name, where there is a network. */
    private RaftPeer peer(int node) {
        RaftPeer.Builder peer = RaftPeer.newBuilder().setId(NodeIds.peer(node));
        Sockets sockets = nodes.sockets();
        if (sockets != null) {
            Addresses addresses = sockets.addresses();
            Endpoint found = node == id() ? addresses.listens(node) : addresses.reached(id(), node);
            peer.setAddress(found.toString());
        }
        return peer.build();
    }

    private StateMachine stateMachine(RaftGroupId group) {
        return replica(group).driven();
    }

    /** This node's handle on a shard's log, from 0. */
    public ShardLog log(int shard) {
        return replicas.get(shard);
    }

    /** Whether every replica of this node has its vote; a node that was wiped gets it back when it has caught up. */
    public boolean isVoting() {
        return replicas.stream().allMatch(Replica::isVoting);
    }

    /** This node's number. */
    public int id() {
        return config.node();
    }

    SnapshotSending snapshotSending() {
        return snapshotSending;
    }

    List<Replica> replicas() {
        return replicas;
    }

    boolean isFirstLeader(Replica replica) {
        return config.isFirstLeader(replicas.indexOf(replica));
    }

    public Replica replica(int shard) {
        return replicas.get(shard);
    }

    public RaftServer server() {
        return server;
    }

    /** The replica of the shard whose group is written in a message. */
    public Replica replica(RaftGroupIdProto group) {
        if (replicas.size() == 1) {
            return replicas.get(0);
        }
        return replica(ProtoUtils.toRaftGroupId(group));
    }

    public Replica replica(RaftGroupId group) {
        Replica alone = own;
        if (alone != null && alone.group().equals(group)) {
            return alone;
        }
        return replicas.stream()
                .filter(replica -> replica.group().equals(group))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no shard has group " + group));
    }

    private void closeOwnLog() {
        // whoever opens it under the monitor sees that and ends
        closed = true;
        closeOpenedLog();
    }

    private synchronized void closeOpenedLog() {
        Replica alone = own;
        if (alone != null) {
            alone.close();
        }
    }

    /** Stops all replicas of this node. Idempotent. */
    @Override
    public void close() {
        nodes.leave(this);
        clock.close();
        closeOwnLog();
        replicas.forEach(Replica::close);
        if (!isSeen.getAndSet(true)) {
            replicas.forEach(replica -> replica.see(nodes.lastSeen()));
        }
        try {
            server.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
