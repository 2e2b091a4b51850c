package io.tunabledb.engine.ratis;

import io.tunabledb.engine.log.ShardLog;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

/**
 * One node: a Ratis server with one division per shard.
 *
 * <p><b>Rejoining.</b> A node whose directory was lost must say so ({@link RatisConfig#rejoining}). It has forgotten
 * which entries it helped to commit and whom it voted for; its vote could elect a leader that lacks a committed entry.
 * So it neither votes nor stands for election, nor vouches for a leader, until it has applied everything a majority
 * without it confirmed after its start, and until every election it may have voted in before has ended.
 */
public final class RatisNode implements AutoCloseable {
    private final RatisConfig config;
    private final LocalNodes nodes;
    private final List<Replica> replicas = new ArrayList<>();
    private final RaftServer server;

    private RatisNode(RatisConfig config, LocalNodes nodes) throws IOException {
        this.config = config;
        this.nodes = nodes;
        for (int shard = 0; shard < config.shards(); shard++) {
            RaftGroupId group = NodeIds.group(config.database(), shard);
            replicas.add(new Replica(config, group, config.replicas().apply(shard), nodes, shard));
        }
        Files.createDirectories(config.directory());
        RaftProperties properties = Settings.of(config);
        Settings.storage(properties, config.directory().resolve("none"));
        Settings.require(properties);
        server = RaftServer.newBuilder()
                .setServerId(NodeIds.peer(config.node()))
                .setStateMachineRegistry(this::stateMachine)
                .setProperties(properties)
                .setParameters(JvmRpc.parameters(nodes, this))
                .build();
        Settings.storage(properties, config.directory());
    }

    /**
     * Starts a node. When this returns its replicas are restored from their snapshots and follow or lead.
     *
     * @throws IOException the directory can't be used, or {@code restore} of a replica failed
     */
    public static RatisNode start(RatisConfig config, LocalNodes nodes) throws IOException {
        return startAll(List.of(config), nodes).get(0);
    }

    /**
     * Starts several nodes at once, the designated first leader last, so that its election finds the others there.
     *
     * @return the nodes in the order of their configurations
     * @throws IOException one could not be started; none is left running
     */
    public static List<RatisNode> startAll(List<RatisConfig> configs, LocalNodes nodes) throws IOException {
        List<CompletableFuture<RatisNode>> made = configs.stream()
                .map(config -> CompletableFuture.supplyAsync(() -> make(config, nodes), Threads.SHORT))
                .toList();
        List<CompletableFuture<Void>> voters = made.stream()
                .map(node -> node.thenAcceptAsync(RatisNode::startUnlessFirst, Threads.SHORT))
                .toList();
        try {
            CompletableFuture.allOf(voters.toArray(CompletableFuture<?>[]::new)).join();
            List<RatisNode> all = made.stream().map(CompletableFuture::join).toList();
            // not on the caller's thread: what Ratis starts there would be no daemon and keep the JVM alive
            all.stream()
                    .filter(node -> node.config.isFirstLeader())
                    .map(node -> CompletableFuture.runAsync(node::startDivisions, Threads.SHORT))
                    .forEach(CompletableFuture::join);
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

    private void startUnlessFirst() {
        if (!config.isFirstLeader()) {
            startDivisions();
        }
    }

    private void startDivisions() {
        try {
            server.start();
            for (Replica replica : replicas) {
                add(replica.group());
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private void add(RaftGroupId group) throws IOException {
        List<RaftPeer> peers = config.nodes().stream()
                .map(node -> RaftPeer.newBuilder().setId(NodeIds.peer(node)).build())
                .toList();
        // not formatted: what is in the directory is taken up
        GroupManagementRequest request = GroupManagementRequest.newAdd(
                ClientId.randomId(), server.getId(), 0, RaftGroup.valueOf(group, peers), false);
        RaftClientReply reply = server.groupManagement(request);
        if (!reply.isSuccess()) {
            throw new IOException("shard " + group + " could not be started", reply.getException());
        }
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

    /** How long a peer may take to answer. */
    Duration patience() {
        return config.requestTimeout();
    }

    Replica replica(int shard) {
        return replicas.get(shard);
    }

    RaftServer server() {
        return server;
    }

    /** The replica of the shard whose group is written in a message. */
    Replica replica(RaftGroupIdProto group) {
        if (replicas.size() == 1) {
            return replicas.get(0);
        }
        return replica(ProtoUtils.toRaftGroupId(group));
    }

    Replica replica(RaftGroupId group) {
        return replicas.stream()
                .filter(replica -> replica.group().equals(group))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no shard has group " + group));
    }

    /** Stops all replicas of this node. Idempotent. */
    @Override
    public void close() {
        nodes.leave(this);
        replicas.forEach(Replica::close);
        try {
            server.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
