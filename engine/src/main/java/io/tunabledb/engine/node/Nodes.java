package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.cut.Coordinator;
import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.deadlock.DeadlockSearch;
import io.tunabledb.engine.execute.session.Cluster;
import io.tunabledb.engine.h2.catalog.SystemSchema;
import io.tunabledb.engine.h2.catalog.SystemTable;
import io.tunabledb.engine.h2.gather.Gathering;
import io.tunabledb.engine.h2.internals.Compatibility;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.News;
import io.tunabledb.engine.message.NodeReport;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.outbox.OutboxOptions;
import io.tunabledb.engine.outbox.OutboxStatus;
import io.tunabledb.engine.outbox.Rerouting;
import io.tunabledb.engine.peer.CutPeers;
import io.tunabledb.engine.peer.LeaderDecisions;
import io.tunabledb.engine.peer.LeaderDelivery;
import io.tunabledb.engine.peer.LeaderLocks;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.ratis.LocalNodes;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ReplicaOptions;
import io.tunabledb.engine.shard.ShardLeader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** All nodes of one database in this JVM, as execution and the embedding application see them. */
public final class Nodes implements Cluster, AutoCloseable {
    /** The shard of what is not spread: unsharded tables, the catalog. */
    private static final int FIRST = 0;

    /** As many statements over several shards find a private database ready; more at one time make their own. */
    private static final int KEPT_PRIVATE_DATABASES = 8;

    private final DatabaseDirectory directory;
    private final NodeOptions options;
    private final Workers workers = new Workers();
    private final Wiring wiring;
    private final LocalNodes local;
    private final RunningNodes nodes;
    private final ClusterStatus status;
    private final Carrier carrier;
    private final News news;
    private final ReplicaEvents events;
    private final Gathering gathering = new Gathering(KEPT_PRIVATE_DATABASES);
    private final Releases releases;
    private final CutPeers cutPeers;
    private final DeadlockSearch deadlocks;
    private final DiskWatch disks;
    private final NodesProgress progress;
    private final FirstStart firstStart;
    private final NodeCare care;
    private final Rebuilding rebuilding;
    private volatile Rerouting rerouting;

    /**
     * How the nodes run.
     *
     * @param nodes how many
     * @param shards how many replicas each of them has, one of every shard
     * @param electionTimeout the shortest; the longest is twice as long
     * @param requestTimeout how long an append or a read index may take
     * @param maxTransactionBytes the most that one transaction's changes may have in the log
     * @param outbox how the nodes keep and forward weak writes
     * @param watch is told of every entry applied
     * @param systemTables what schema TUNABLE shows beside the tables about the cluster
     */
    public record NodeOptions(
            int nodes,
            int shards,
            Duration electionTimeout,
            Duration requestTimeout,
            boolean leaderLease,
            int maxTransactionBytes,
            ReplicaOptions replica,
            OutboxOptions outbox,
            ApplyWatch watch,
            List<SystemTable> systemTables) {}

    /** Is told when an entry that changed rows or the schema is applied at a node. On its apply thread: be quick. */
    @FunctionalInterface
    public interface ApplyWatch {
        void applied(int node, int shard, long index);
    }

    private Nodes(DatabaseDirectory directory, NodeOptions options) {
        this.directory = directory;
        this.options = options;
        this.nodes = new RunningNodes(options.nodes(), options.shards());
        this.rerouting = options.shards() == 1 ? Rerouting.NEVER : Rerouting.NOT_YET;
        this.releases = new Releases(options.nodes());
        this.wiring = Wiring.of(directory.database(), options, workers.executor());
        this.local = wiring.local();
        this.carrier = wiring.carrier();
        this.news = wiring.inProcess();
        this.cutPeers = new CutPeers(carrier, news, options.nodes(), options.shards());
        this.status = new ClusterStatus(carrier, options.nodes());
        SystemSchema systemSchema = ClusterTables.with(
                status, options.shards(), directory::skipped, options.systemTables(), directory.compatibility());
        this.events = new ReplicaEvents(
                options.shards(),
                options.watch(),
                releases,
                new ReplicaEvents.Around(
                        systemSchema, new LeaderDecisions(carrier, news), directory::skipped, workers.executor()));
        this.disks = new DiskWatch(
                options.nodes(),
                directory::node,
                nodes::waitingLog,
                new ShortDisk(options.nodes(), node -> nodes.at(node).replicas(), nodes::isVoting),
                options.replica().diskReserveBytes());
        NodeStart start = new NodeStart(
                directory,
                options,
                local,
                nodes,
                events,
                workers,
                disks,
                new NodeStart.Peers(
                        wiring.joining(),
                        cutPeers,
                        new LeaderDelivery(carrier, news, options.shards()),
                        releases,
                        this::rerouting));
        Reached reached = directory.reached();
        this.progress = new NodesProgress(directory, nodes, reached);
        this.firstStart = new FirstStart(directory, local, nodes, start, reached);
        this.care = new NodeCare(directory, local, nodes, start, disks);
        this.rebuilding = new Rebuilding(workers.timer(), workers.executor(), nodes::allReplicas, care::rebuild);
        // whose sessions are next to any of the nodes
        this.deadlocks =
                new DeadlockSearch(new LeaderLocks(carrier, 0, options.nodes()), workers.timer(), workers.executor());
    }

    /** From now on weak writes whose tables have changed shards are carried out by it. */
    public void rerouteBy(Rerouting moved) {
        if (options.shards() > 1) {
            rerouting = moved;
        }
    }

    /**
     * Starts every node and waits until one leads.
     *
     * @param patience how long this may go on without any progress
     */
    public static Nodes start(DatabaseDirectory directory, NodeOptions options, Duration patience) throws IOException {
        Nodes nodes = new Nodes(directory, options);
        try {
            nodes.start(patience);
            return nodes;
        } catch (IOException | RuntimeException e) {
            nodes.close();
            throw e;
        }
    }

    private void start(Duration patience) throws IOException {
        firstStart.run(patience);
        progress.begin(workers);
        disks.look();
        disks.begin(workers.timer(), workers.executor());
        progress.reportLostOutboxes();
        nodes.numbers().forEach(node -> nodes.outbox(node).resume());
    }

    /** Waits until every replica has caught up, or stopped, and those that stopped are a minority. */
    void awaitApplicable(Duration patience) throws IOException {
        new Opening(nodes, patience).awaitApplicable();
    }

    // ---- what execution sees ----

    @Override
    public UUID databaseId() {
        return directory.database();
    }

    @Override
    public int nodes() {
        return options.nodes();
    }

    @Override
    public int shards() {
        return options.shards();
    }

    @Override
    public Replica replica(int node, int shard) {
        return nodes.replica(node, shard);
    }

    @Override
    public @Nullable Replica own(int home, int node, int shard) {
        return wiring.inProcess().isBeside(home, node) ? nodes.replica(node, shard) : null;
    }

    @Override
    public ShardLeader leader(int node, int shard) {
        return nodes.at(node).leaders().get(shard);
    }

    @Override
    public Carrier carrier() {
        return carrier;
    }

    @Override
    public News news() {
        return news;
    }

    @Override
    public List<OutboxStatus> outboxes() {
        return status.all().stream().map(NodeReport::outbox).toList();
    }

    @Override
    public DeadlockSearch deadlocks() {
        return deadlocks;
    }

    @Override
    public Gathering gathering() {
        return gathering;
    }

    @Override
    public Rerouting rerouting() {
        return rerouting;
    }

    /** Who takes cuts through all shards, if a session next to {@code home} can talk to it; null when it can't. */
    public @Nullable Coordinator coordinator(int home) {
        int leader = news.leader(home, FIRST);
        return leader == 0 || !reaches(home, leader) ? null : nodes.at(leader).coordinator();
    }

    @Override
    public long released(int home) {
        return releases.upTo(home);
    }

    @Override
    public boolean awaitReleased(int home, long cut, Deadline deadline) throws InterruptedException {
        return releases.await(home, cut, deadline, () -> cutPeers.askForRelease(home, releases));
    }

    @Override
    public boolean reaches(int home, int node) {
        Network network = local.network();
        return home == 0 || home == node || (network.reaches(home, node) && network.reaches(node, home));
    }

    @Override
    public @Nullable Shortage diskRefuses() {
        return disks.refuses();
    }

    @Override
    public @Nullable Shortage diskStops() {
        return disks.stops();
    }

    @Override
    public @Nullable Shortage diskAt(int node) {
        return disks.at(node);
    }

    @Override
    public int maxTransactionBytes() {
        return options.maxTransactionBytes();
    }

    @Override
    public Catalog catalog() {
        return events.catalog();
    }

    /** The network between the nodes. */
    public Network network() {
        return local.network();
    }

    /** The dialect of the database. */
    public Compatibility compatibility() {
        return directory.compatibility();
    }

    // ---- faults ----

    /** How many replicas were rebuilt from the others because something was wrong with them. */
    public int rebuilds() {
        return rebuilding.count();
    }

    /** Stops a node as a crash would: no snapshot, nothing said to anybody. */
    public void kill(int node) {
        care.kill(node);
    }

    /** Starts a stopped node again from its folder; without one it rejoins empty. */
    public void restart(int node) throws IOException {
        care.restart(node);
    }

    /**
     * Deletes the folder of a stopped node.
     *
     * @param withOutbox also when its outbox holds acknowledged writes that no shard has carried out
     * @return how many of those are lost; -1 when its outbox was never read, so that their number is not known
     * @throws IllegalStateException when too few others have their vote: entries a majority acknowledged could be lost; or
     *     when its outbox holds such writes
     */
    public long wipe(int node, boolean withOutbox) throws IOException {
        return care.wipe(node, withOutbox);
    }

    /** Whether a node runs and has its vote; one that was wiped gets it back when it has caught up. */
    public boolean isVoting(int node) {
        return nodes.isVoting(node);
    }

    /** A node's own word on itself and its replicas; null before it is started. */
    public @Nullable NodeReport report(int node) {
        return status.of(node);
    }

    @Override
    public boolean isClosed() {
        return care.isClosed();
    }

    @Override
    public void close() {
        // not while a node is started or stopped: one that is being rebuilt meanwhile may be the one that carries them
        // out
        progress.drainOutboxes(options.outbox().drain());
        care.close(
                () -> {
                    progress.end();
                    gathering.close();
                },
                workers);
        wiring.ending().run();
    }
}
