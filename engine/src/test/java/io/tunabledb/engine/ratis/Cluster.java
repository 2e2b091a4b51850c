package io.tunabledb.engine.ratis;

import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.wire.Answers;
import io.tunabledb.engine.wire.Endpoint;
import io.tunabledb.engine.wire.Introduction;
import io.tunabledb.engine.wire.Limits;
import io.tunabledb.engine.wire.LoopbackNodes;
import io.tunabledb.engine.wire.NodeService;
import io.tunabledb.engine.wire.Partner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Three nodes in this JVM, each with a {@link Listing}, and the words the tests use about them. */
final class Cluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Whether clusters that are made now talk over gRPC, through proxies that do what their network is told. */
    static volatile boolean isOverGrpc;

    final Network network = new Network();
    private final @Nullable LoopbackNodes loopback = isOverGrpc ? new LoopbackNodes(network) : null;
    final LocalNodes nodes = new LocalNodes(network, loopback == null ? null : new Sockets(loopback, Cluster::service));
    private static final UUID DATABASE = UUID.fromString("2b1f0c5e-6d1c-4a55-9a3e-7f3d3f1f9c01");

    private final Path directory;
    private final List<Integer> ids;
    private final UnaryOperator<TestConfig> settings;
    private final Map<Integer, Listing> listings = new ConcurrentHashMap<>();
    private final Map<Integer, RatisNode> running = new ConcurrentHashMap<>();

    /** Three nodes whose leader stays even while the machine is busy with something else. */
    Cluster(Path directory) throws IOException {
        this(
                directory,
                3,
                config -> config.durable(false).electionTimeout(Duration.ofSeconds(1), Duration.ofSeconds(2)));
    }

    Cluster(Path directory, int size, UnaryOperator<TestConfig> settings) throws IOException {
        this.directory = directory;
        this.settings = settings;
        ids = IntStream.rangeClosed(1, size).boxed().toList();
        start(ids);
    }

    /** Beside Ratis: it echoes. */
    private static NodeService service(int node) {
        Answers echo = new Answers() {
            @Override
            public CompletableFuture<byte[]> answer(byte[] question) {
                return CompletableFuture.completedFuture(question);
            }

            @Override
            public Partner open(byte[] opening) {
                throw new IllegalStateException("no conversation");
            }
        };
        return new NodeService(introduction(0, node), Limits.of(1 << 20), () -> echo, Threads.SHORT);
    }

    static Introduction introduction(int from, int to) {
        return new Introduction("echo", DATABASE.toString(), from, to);
    }

    /** Where a node listens. */
    Endpoint port(int node) {
        return Objects.requireNonNull(loopback).listens(node);
    }

    private void start(List<Integer> which) throws IOException {
        List<RatisConfig> configs =
                which.stream().map(node -> config(node).make()).toList();
        for (RatisNode node : RatisNode.startAll(configs, nodes)) {
            running.put(node.id(), node);
        }
    }

    private TestConfig config(int node) {
        Listing listing = new Listing();
        listings.put(node, listing);
        return settings.apply(new TestConfig(node, ids, DATABASE, directory(node), shard -> listing));
    }

    Path directory(int node) {
        return directory.resolve("node" + node);
    }

    void stop(int node) {
        running.remove(node).close();
    }

    void stopAll() {
        CompletableFuture.allOf(running.keySet().stream()
                        .map(node -> CompletableFuture.runAsync(() -> stop(node), Threads.SHORT))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }

    void startAll() throws IOException {
        start(ids);
    }

    void start(int node) throws IOException {
        start(node, false);
    }

    void start(int node, boolean rejoining) throws IOException {
        running.put(node, RatisNode.start(config(node).rejoining(rejoining).make(), nodes));
    }

    ShardLog log(int node) {
        return running.get(node).log(0);
    }

    RatisNode node(int node) {
        return running.get(node);
    }

    Listing listing(int node) {
        return listings.get(node);
    }

    /** Waits until one of the nodes leads, and is told so. */
    int leader() {
        return leaderAmong(ids);
    }

    /** The leader, once every node knows it. */
    int leaderOfAll() {
        until(() -> {
            int leader = leader();
            return running.keySet().stream().allMatch(node -> log(node).status().leader() == leader);
        });
        return leader();
    }

    int leaderAmong(List<Integer> candidates) {
        until(() -> candidates.stream().anyMatch(this::leads));
        return candidates.stream().filter(this::leads).findFirst().orElseGet(() -> leaderAmong(candidates));
    }

    boolean leads(int node) {
        RatisNode found = running.get(node);
        return found != null && found.log(0).status().leading();
    }

    List<Integer> others(int node) {
        return ids.stream().filter(id -> id != node).toList();
    }

    CompletableFuture<LogPosition> append(int node, String entry) {
        return log(node).append(entry.getBytes(StandardCharsets.UTF_8), "held " + entry);
    }

    /** Appends at whoever leads until it is certain that the entry is in; may append it twice. */
    LogPosition appendSomewhere(String entry) {
        return appendSomewhere(entry, ids);
    }

    LogPosition appendSomewhere(String entry, List<Integer> candidates) {
        List<LogPosition> done = new ArrayList<>();
        until(() -> {
            try {
                done.add(append(leaderAmong(candidates), entry).join());
                return true;
            } catch (CompletionException e) {
                if (e.getCause() instanceof NotLeaderException || e.getCause() instanceof OutcomeUnknownException) {
                    return false;
                }
                throw e;
            }
        });
        return done.get(0);
    }

    /** Takes a snapshot at a node; nothing may be appended meanwhile. */
    void snapshot(int node) throws IOException {
        listing(node).snapshot();
        log(node).snapshotCompleted();
    }

    /** Waits until all running nodes have applied the same and as much as the leader has committed. */
    void converge() {
        until(() -> {
            int leader = leader();
            long committed = log(leader).status().commitIndex();
            return running.keySet().stream()
                    .allMatch(node -> listing(node).applied().index() >= committed
                            && listing(node).entries().equals(listing(leader).entries()));
        });
    }

    static void until(BooleanSupplier state) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(2, TimeUnit.MILLISECONDS)
                .atMost(PATIENCE)
                .until(state::getAsBoolean);
    }

    List<String> complaints() {
        return listings.values().stream()
                .flatMap(listing -> listing.complaints.stream())
                .toList();
    }

    @Override
    public void close() {
        network.heal();
        stopAll();
        if (loopback != null) {
            loopback.close();
        }
    }
}
