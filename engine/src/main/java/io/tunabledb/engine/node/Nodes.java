package io.tunabledb.engine.node;

import io.tunabledb.engine.execute.Cluster;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.plan.Catalog;
import io.tunabledb.engine.ratis.LocalNodes;
import io.tunabledb.engine.ratis.RatisConfig;
import io.tunabledb.engine.ratis.RatisNode;
import io.tunabledb.engine.shard.Deadline;
import io.tunabledb.engine.shard.Replica;
import io.tunabledb.engine.shard.ReplicaListener;
import io.tunabledb.engine.shard.ReplicaOptions;
import io.tunabledb.engine.shard.ShardLeader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** All nodes of one database in this JVM. */
public final class Nodes implements Cluster, ReplicaListener, AutoCloseable {
    private static final int SHARD = 0;

    /** One running node. */
    private record Running(RatisNode node, Replica replica, ShardLeader leader) {}

    private final DatabaseDirectory directory;
    private final NodeOptions options;
    private final LocalNodes local = new LocalNodes(new Network());
    private final AtomicReferenceArray<Running> running;
    private final ExecutorService executor;
    private final ScheduledExecutorService scheduler;
    private final Object catalogLock = new Object();
    private volatile Catalog catalog = Catalog.EMPTY;

    /**
     * How the nodes run.
     *
     * @param nodes how many
     * @param electionTimeout the shortest; the longest is twice as long
     * @param requestTimeout how long an append or a read index may take
     * @param maxEntryBytes the largest log entry
     */
    public record NodeOptions(
            int nodes,
            Duration electionTimeout,
            Duration requestTimeout,
            boolean leaderLease,
            int maxEntryBytes,
            ReplicaOptions replica) {}

    private Nodes(DatabaseDirectory directory, NodeOptions options) {
        this.directory = directory;
        this.options = options;
        this.running = new AtomicReferenceArray<>(options.nodes() + 1);
        this.executor = Executors.newCachedThreadPool(daemons("tunabledb-work"));
        this.scheduler = Executors.newSingleThreadScheduledExecutor(daemons("tunabledb-timer"));
    }

    /** Starts every node and waits until one leads. */
    public static Nodes start(DatabaseDirectory directory, NodeOptions options, Deadline deadline) throws IOException {
        Nodes nodes = new Nodes(directory, options);
        try {
            List<Integer> all = nodes.numbers();
            List<Replica> replicas = all.stream().map(nodes::newReplica).toList();
            List<RatisConfig> configs = IntStream.range(0, all.size())
                    .mapToObj(i -> nodes.config(all.get(i), replicas.get(i), directory.lostNode(all.get(i))))
                    .toList();
            List<RatisNode> started = RatisNode.startAll(configs, nodes.local);
            for (int i = 0; i < all.size(); i++) {
                nodes.install(started.get(i), replicas.get(i));
            }
            nodes.awaitServing(deadline);
            return nodes;
        } catch (IOException | RuntimeException e) {
            nodes.close();
            throw e;
        }
    }

    private List<Integer> numbers() {
        return IntStream.rangeClosed(1, options.nodes()).boxed().toList();
    }

    private Replica newReplica(int node) {
        return new Replica(node, SHARD, options.replica(), this, scheduler);
    }

    private RatisConfig config(int node, Replica replica, boolean rejoining) {
        return new RatisConfig(
                node,
                numbers(),
                directory.database(),
                1,
                directory.node(node),
                directory.isDurable(),
                1,
                options.electionTimeout(),
                options.electionTimeout().multipliedBy(2),
                options.requestTimeout(),
                options.leaderLease(),
                rejoining,
                options.maxEntryBytes(),
                shard -> replica);
    }

    private void install(RatisNode node, Replica replica) {
        replica.attach(node.log(SHARD));
        running.set(node.id(), new Running(node, replica, new ShardLeader(replica)));
    }

    /** A leader, and every replica that can as far as the leader was when it was asked: no old state is shown at start. */
    private void awaitServing(Deadline deadline) throws IOException {
        while (true) {
            for (int node : numbers()) {
                if (replica(node, SHARD).status().leading()) {
                    awaitCaughtUp(replica(node, SHARD), deadline);
                    return;
                }
            }
            if (deadline.isPast()) {
                throw new IOException("no leader was elected in time; the nodes' logs say why");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void awaitCaughtUp(Replica leader, Deadline deadline) {
        long target = leader.applied();
        // a node that is broken or rebuilding must not hold up the others for long
        Deadline patience = deadline.atMost(Duration.ofSeconds(2));
        try {
            for (int node : numbers()) {
                replica(node, SHARD).awaitApplied(target, patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        return 1;
    }

    @Override
    public Replica replica(int node, int shard) {
        return at(node).replica;
    }

    @Override
    public ShardLeader leader(int node, int shard) {
        return at(node).leader;
    }

    private Running at(int node) {
        return Objects.requireNonNull(running.get(node), "node not started");
    }

    @Override
    public boolean reaches(int home, int node) {
        Network network = local.network();
        return home == 0 || home == node || (network.reaches(home, node) && network.reaches(node, home));
    }

    @Override
    public Catalog catalog() {
        return catalog;
    }

    /** The network between the nodes. */
    public Network network() {
        return local.network();
    }

    // ---- what replicas tell ----

    @Override
    public void catalogChanged(Replica replica, long index, Map<String, String> settings) {
        // not our own lock: a restarting node tells its catalog while restart() holds that and waits for it
        synchronized (catalogLock) {
            if (index > catalog.version()) {
                catalog = Catalog.of(index, settings);
            }
        }
    }

    @Override
    public Executor executor() {
        return executor;
    }

    // ---- faults ----

    /** Stops a node as a crash would: no snapshot, nothing said to anybody. */
    public synchronized void kill(int node) {
        Running stopped = at(node);
        stopped.node.close();
        stopped.replica.close(false);
    }

    /** Starts a stopped node again from its folder; without one it rejoins empty. */
    public synchronized void restart(int node) throws IOException {
        if (replica(node, SHARD).isAlive()) {
            throw new IllegalStateException("node " + node + " runs; stop it first");
        }
        Replica replica = newReplica(node);
        boolean wiped = !java.nio.file.Files.exists(directory.node(node));
        RatisNode started = RatisNode.start(config(node, replica, wiped), local);
        install(started, replica);
    }

    /** Deletes the folder of a stopped node. */
    public synchronized void wipe(int node) throws IOException {
        if (replica(node, SHARD).isAlive()) {
            throw new IllegalStateException("node " + node + " runs; stop it first");
        }
        directory.wipe(node);
    }

    @Override
    public void close() {
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (int node : numbers()) {
            Running stopped = running.get(node);
            if (stopped != null) {
                closing.add(CompletableFuture.runAsync(
                        () -> {
                            stopped.node.close();
                            stopped.replica.close(directory.isDurable());
                        },
                        executor));
            }
        }
        CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new)).join();
        executor.shutdown();
        scheduler.shutdownNow();
        try {
            directory.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
