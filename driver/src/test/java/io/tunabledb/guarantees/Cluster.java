package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A database of three nodes in this JVM that nobody else uses, and the ways to hurt it. One that all tests of a class share
 * is an extension: it starts before them, is healed and compared after each, and stops after the last.
 */
final class Cluster implements AutoCloseable, BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    /** How long statements wait here: short, because a test of a refusal waits for all of it. */
    static final Duration PATIENCE = Duration.ofMillis(1500);

    /** How long a schema change waits for what is in its way: under load it waits for all of it each time. */
    static final Duration GRACE = Duration.ofMillis(500);

    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final String url;
    private final String[] sql;
    private Connection keeper;
    private EmbeddedCluster nodes;

    private Cluster(String properties, String... sql) {
        this.url = "jdbc:tunable:mem:guarantee" + NEXT.incrementAndGet()
                + "?replicas=3&consistencyTimeout=" + PATIENCE.toMillis() + "&definitionGrace=" + GRACE.toMillis() + "&"
                + properties;
        this.sql = sql;
    }

    private void open() throws SQLException {
        keeper = DriverManager.getConnection(url);
        nodes = keeper.unwrap(TunableConnection.class).cluster();
        for (String one : sql) {
            run(one);
        }
        awaitCaughtUp();
    }

    /** One of so many shards for all tests of a class, which runs {@code sql} when it starts. */
    static Cluster shared(int shards, String... sql) {
        return sharedWith("shards=" + shards, sql);
    }

    /** One with these properties for all tests of a class, which runs {@code sql} when it starts. */
    static Cluster sharedWith(String properties, String... sql) {
        return new Cluster(properties, sql);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws SQLException {
        open();
    }

    @Override
    public void afterEach(ExtensionContext context) throws SQLException, IOException {
        healAndCompare();
    }

    @Override
    public void afterAll(ExtensionContext context) throws SQLException {
        close();
    }

    /** Starts it and runs {@code sql} there. */
    static Cluster start(String... sql) throws SQLException {
        return sharded(1, sql);
    }

    /** Starts one of several shards and runs {@code sql} there. */
    static Cluster sharded(int shards, String... sql) throws SQLException {
        return with("shards=" + shards, sql);
    }

    /** Starts one with these properties and runs {@code sql} there. */
    static Cluster with(String properties, String... sql) throws SQLException {
        Cluster cluster = new Cluster(properties, sql);
        cluster.open();
        return cluster;
    }

    /** Runs {@code sql} on a connection that reaches every node. */
    void run(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * A client that sits at a node and reaches others only through it; at 0 it reaches all. Its session is its own, unless
     * the properties say otherwise.
     */
    Client at(int home, String... properties) throws SQLException {
        String own =
                Stream.of(properties).anyMatch(each -> each.startsWith("tokenScope=")) ? "" : "&tokenScope=connection";
        String more = own + (properties.length == 0 ? "" : "&" + String.join("&", properties));
        return new Client(DriverManager.getConnection(url + "&home=" + home + more));
    }

    /** A client with a URL of its own, shared with nobody but those who ask for the same. */
    String url() {
        return url;
    }

    /** The faults. */
    EmbeddedCluster nodes() {
        return nodes;
    }

    ReplicaStatus replica(int node) {
        return nodes.replicas().get(node - 1);
    }

    /** The leader, waiting for one. */
    int leader() {
        await("a leader", () -> nodes.leader() != 0);
        return nodes.leader();
    }

    /** The follower of the lowest number. */
    int follower() {
        int leader = leader();
        return leader == 1 ? 2 : 1;
    }

    /** The node that is neither. */
    static int third(int a, int b) {
        return 6 - a - b;
    }

    /** Waits until another node leads in a higher term than {@code old} did. */
    int leaderAfter(ReplicaStatus old) {
        await(
                "a leader after n" + old.node() + " of term " + old.term(),
                () -> nodes.replicas().stream()
                        .anyMatch(replica -> replica.role().equals("LEADER") && replica.term() > old.term()));
        return nodes.leader();
    }

    /** Waits until every replica has applied what the leader has. */
    void awaitCaughtUp() {
        await("all replicas to catch up", () -> {
            List<ReplicaStatus> all = nodes.replicas();
            return all.stream()
                                    .filter(replica -> replica.role().equals("LEADER"))
                                    .count()
                            == 1
                    && all.stream().noneMatch(replica -> replica.role().equals("UNKNOWN"))
                    && all.stream().mapToLong(ReplicaStatus::applied).distinct().count() == 1;
        });
    }

    /** Undoes every fault, and waits until the replicas hold the same rows, by CHECK REPLICAS. */
    void healAndCompare() throws SQLException, IOException {
        nodes.heal();
        assertThat(nodes.rebuilds()).as("replicas that broke").isZero();
        for (ReplicaStatus replica : nodes.replicas()) {
            assertThat(replica.failure()).as("why n%d stopped", replica.node()).isNull();
            if (replica.role().equals("STOPPED")) {
                nodes.restart(replica.node());
            }
        }
        Map<Integer, List<String>> hashes = new TreeMap<>();
        await("every replica to answer CHECK REPLICAS", () -> {
            hashes.clear();
            hashes.putAll(hashes());
            return hashes.size() == nodes.shards()
                    && hashes.values().stream().allMatch(all -> all.size() == 3 && !all.contains("null"));
        });
        hashes.forEach((shard, all) -> assertThat(all.stream().distinct())
                .as("hashes of shard %d", shard)
                .hasSize(1));
    }

    /** One hash for each replica of each shard, "null" where one did not answer; none when nobody leads just now. */
    private Map<Integer, List<String>> hashes() throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
            Map<Integer, List<String>> hashes = new TreeMap<>();
            while (rows.next()) {
                hashes.computeIfAbsent(rows.getInt("SHARD"), any -> new ArrayList<>())
                        .add(String.valueOf(rows.getString("HASH")));
            }
            return hashes;
        } catch (SQLException e) {
            if (Refusal.CERTAIN.contains(e.getSQLState()) || Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                return Map.of();
            }
            throw e;
        }
    }

    List<Integer> all() {
        return IntStream.rangeClosed(1, nodes.nodes()).boxed().toList();
    }

    static void await(String what, Callable<Boolean> state) {
        await(what, DEADLINE, state);
    }

    /** Waits for a state, looking often: what is measured here takes milliseconds. */
    static void await(String what, Duration deadline, Callable<Boolean> state) {
        Awaitility.await(what)
                .atMost(deadline)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(state);
    }

    @Override
    public void close() throws SQLException {
        nodes.heal();
        keeper.close();
    }
}
