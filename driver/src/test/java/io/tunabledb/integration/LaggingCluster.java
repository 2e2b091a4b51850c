package io.tunabledb.integration;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A database of three nodes in this JVM, and an application beside node 3. Cut off from the leader, that node lags:
 * EVENTUAL reads show it, LINEARIZABLE ones must not.
 */
final class LaggingCluster implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final int HOME = 3;

    private final String url;
    private final Connection keeper;
    private final EmbeddedCluster nodes;

    private LaggingCluster(String url) throws SQLException {
        this.url = url;
        keeper = DriverManager.getConnection(url);
        nodes = keeper.unwrap(TunableConnection.class).cluster();
    }

    static LaggingCluster start(String... sql) throws SQLException {
        LaggingCluster cluster = new LaggingCluster("jdbc:tunable:mem:integration" + NEXT.incrementAndGet()
                // a schema change with something in its way waits for all of it
                + "?definitionGrace=500");
        for (String one : sql) {
            cluster.run(one);
        }
        cluster.awaitCaughtUp();
        return cluster;
    }

    /** The application's URL: beside the node that will lag. */
    String url() {
        return url + "&home=" + HOME;
    }

    EmbeddedCluster nodes() {
        return nodes;
    }

    /** Runs {@code sql} on a connection that reaches every node. */
    void run(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute(sql);
        }
    }

    /** From now on the application's node hears nothing from the leader; then runs {@code sql} there. */
    void lag(String sql) throws SQLException {
        leadElsewhere();
        nodes.cut(nodes.leader(), HOME);
        run(sql);
    }

    /** What the application writes is acknowledged by the others before its own node, which is then alone, has it. */
    void lagAfter(Write write) throws SQLException {
        leadElsewhere();
        nodes.slow(HOME, Duration.ofMillis(200));
        write.run();
        nodes.isolate(HOME);
    }

    /** Something that writes. */
    interface Write {
        void run() throws SQLException;
    }

    private void leadElsewhere() {
        if (nodes.leader() == HOME) {
            nodes.isolate(HOME);
            await("another leader", () -> nodes.leader() != HOME && nodes.leader() != 0);
            nodes.heal();
        }
        awaitCaughtUp();
    }

    /** Undoes every fault. */
    void heal() throws IOException {
        nodes.heal();
        for (ReplicaStatus replica : nodes.replicas()) {
            if (replica.role().equals("STOPPED")) {
                nodes.restart(replica.node());
            }
        }
        awaitCaughtUp();
    }

    private void awaitCaughtUp() {
        await("all replicas to catch up", () -> {
            List<ReplicaStatus> all = nodes.replicas();
            return all.stream().filter(one -> one.role().equals("LEADER")).count() == 1
                    && all.stream().noneMatch(one -> one.role().equals("UNKNOWN"))
                    && all.stream().mapToLong(ReplicaStatus::applied).distinct().count() == 1;
        });
    }

    static void await(String what, Callable<Boolean> state) {
        Awaitility.await(what)
                .atMost(DEADLINE)
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
