package io.tunabledb.engine.node;

import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.execute.serve.ServedReads;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.outbox.Batches;
import io.tunabledb.engine.outbox.LogOpener;
import io.tunabledb.engine.outbox.Outbox;
import io.tunabledb.engine.outbox.Rerouting;
import io.tunabledb.engine.peer.CutPeers;
import io.tunabledb.engine.peer.LeaderDelivery;
import io.tunabledb.engine.peer.Member;
import io.tunabledb.engine.ratis.LocalNodes;
import io.tunabledb.engine.ratis.RatisConfig;
import io.tunabledb.engine.ratis.RatisNode;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ShardLeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Makes running nodes: their replicas, their logs from their folders, their outboxes; and lets them join the others. */
final class NodeStart {
    /** What an entry has around the changes and the outcome. */
    private static final int ENTRY_OVERHEAD_BYTES = 1 << 16;

    private final DatabaseDirectory directory;
    private final Nodes.NodeOptions options;
    private final LocalNodes local;
    private final RunningNodes nodes;
    private final ReplicaEvents events;
    private final Workers workers;
    private final DiskWatch disks;
    private final Peers peers;

    /**
     * What a node knows of the others.
     *
     * @param joining where one that is started is made known
     * @param releases which cuts each of them knows to be over
     * @param rerouting where weak writes go whose tables have changed shards
     */
    record Peers(
            Wiring.Joining joining,
            CutPeers cuts,
            LeaderDelivery delivery,
            Releases releases,
            Supplier<Rerouting> rerouting) {}

    NodeStart(
            DatabaseDirectory directory,
            Nodes.NodeOptions options,
            LocalNodes local,
            RunningNodes nodes,
            ReplicaEvents events,
            Workers workers,
            DiskWatch disks,
            Peers peers) {
        this.directory = directory;
        this.options = options;
        this.local = local;
        this.nodes = nodes;
        this.events = events;
        this.workers = workers;
        this.disks = disks;
        this.peers = peers;
    }

    /** The log of a node alone is its outbox's. */
    private record OwnLog(RatisNode node, Path folder) implements LogOpener {
        @Override
        public boolean isPresent() {
            return Files.isDirectory(folder);
        }

        @Override
        public ShardLog open(ReplicaStateMachine stateMachine, int maxEntryBytes, byte[] replacement)
                throws IOException {
            return node.openOwnLog(stateMachine, folder, maxEntryBytes, replacement);
        }
    }

    /**
     * Starts all of them side by side, or none.
     *
     * @param lost those whose folders lack something: they rejoin empty
     */
    void together(List<Integer> lost) throws IOException {
        List<Integer> all = nodes.numbers();
        List<List<Replica>> replicas = all.stream().map(this::newReplicas).toList();
        List<RatisConfig> configs = IntStream.range(0, all.size())
                .mapToObj(i -> config(all.get(i), replicas.get(i), lost.contains(all.get(i))))
                .toList();
        List<RatisNode> started;
        try {
            started = RatisNode.startAll(configs, local);
        } catch (IOException | RuntimeException e) {
            replicas.forEach(ofNode -> ofNode.forEach(replica -> replica.close(false)));
            throw e;
        }
        for (int i = 0; i < all.size(); i++) {
            install(started.get(i), replicas.get(i));
        }
    }

    /** Starts one, empty if it is to rejoin. */
    void one(int node, boolean rejoining) throws IOException {
        if (rejoining) {
            directory.beginRejoining(node);
        }
        List<Replica> replicas = newReplicas(node);
        try {
            install(RatisNode.start(config(node, replicas, rejoining), local), replicas);
        } catch (IOException | RuntimeException e) {
            replicas.forEach(replica -> replica.close(false));
            throw e;
        }
    }

    private List<Replica> newReplicas(int node) {
        return IntStream.range(0, options.shards())
                .mapToObj(shard -> new Replica(node, shard, options.replica(), events, workers.timer()))
                .toList();
    }

    private RatisConfig config(int node, List<Replica> replicas, boolean rejoining) {
        return new RatisConfig(
                node,
                nodes.numbers(),
                directory.database(),
                options.shards(),
                directory.node(node),
                directory.isDurable(),
                1,
                options.electionTimeout(),
                options.electionTimeout().multipliedBy(2),
                options.requestTimeout(),
                options.leaderLease(),
                rejoining,
                options.maxTransactionBytes() + ENTRY_OVERHEAD_BYTES,
                shard -> replicas.get(shard).stateMachine());
    }

    private void install(RatisNode node, List<Replica> replicas) {
        for (Replica replica : replicas) {
            replica.attach(node.log(replica.shard()));
        }
        List<ShardLeader> leaders = replicas.stream().map(ShardLeader::new).toList();
        Outbox outbox = new Outbox(
                node.id(),
                new OwnLog(node, directory.outbox(node.id())),
                peers.delivery,
                options.outbox(),
                workers.executor());
        List<Batches> batches = leaders.stream()
                .map(leader -> new Batches(leader, options.maxTransactionBytes(), peers.rerouting))
                .toList();
        // the first shard's leader is who takes cuts
        Coordinator coordinator = new Coordinator(leaders.get(0), peers.cuts, peers.releases, workers.executor());
        RunningNode started = new RunningNode(node, replicas, leaders, outbox, coordinator);
        nodes.put(node.id(), started);
        peers.joining.join(new Member(
                node.id(),
                replicas,
                leaders,
                batches,
                outbox,
                coordinator,
                peers.releases,
                new ServedReads(replicas, workers.timer()),
                started::isVoting,
                () -> disks.at(node.id()),
                disks::refuses));
    }
}
