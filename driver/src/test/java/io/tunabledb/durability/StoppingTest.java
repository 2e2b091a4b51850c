package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stopping anything while everything runs: nobody hangs, nothing is left behind, nothing acknowledged is lost. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoppingTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static String url() {
        return "jdbc:tunable:mem:stopping" + NEXT.incrementAndGet() + "?replicas=3";
    }

    /** Threads that a database of this JVM started and that still run. */
    private static Set<String> engineThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("tunabledb-")
                        || name.contains("@group-")
                        || name.contains("groupManagement")
                        || name.contains("JvmPauseMonitor")
                        || name.startsWith("stop-"))
                // ends by itself a second after the last start
                .filter(name -> !name.equals("tunabledb-start"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void noThreadIsLeftAfterClose() throws Exception {
        Set<String> before = engineThreads();
        for (int round = 0; round < 2; round++) {
            try (Connection connection = DriverManager.getConnection(url());
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
                statement.execute("INSERT INTO T VALUES (1)");
                statement.execute("SELECT * FROM T WITH CONSISTENCY BOUNDED_STALENESS (1 SECOND)");
                assertThat(engineThreads()).as("the test sees them").hasSizeGreaterThan(before.size());
            }
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(engineThreads()).isSubsetOf(before));
    }

    @Test
    void connectionsThatCloseUnderTheirStatementsDoNotHang() throws Exception {
        String url = url();
        List<Connection> connections = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        ConcurrentLinkedQueue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        AtomicLong done = new AtomicLong();
        try (Connection keeper = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, N BIGINT)");
            statement.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 10)");
            for (int i = 0; i < 6; i++) {
                Connection connection = DriverManager.getConnection(url);
                connection.setAutoCommit(i % 2 == 0);
                connections.add(connection);
                threads.add(start(unexpected, () -> {
                    try (Statement own = connection.createStatement()) {
                        while (true) {
                            own.executeUpdate("UPDATE T SET N = N + 1 WHERE ID < 4");
                            own.executeQuery("SELECT SUM(T.N) FROM T, SYSTEM_RANGE(1, 2000)");
                            done.incrementAndGet();
                            if (!connection.getAutoCommit()) {
                                connection.commit();
                            }
                        }
                    } catch (SQLException e) {
                        if (!connection.isClosed()) {
                            throw e;
                        }
                    }
                }));
            }
            await().atMost(PATIENCE).until(() -> done.get() > 20 || !unexpected.isEmpty());
        }
        // the keeper is gone; these are the last ones
        for (Connection connection : connections) {
            connection.close();
        }
        for (Thread thread : threads) {
            thread.join(PATIENCE.toMillis());
            assertThat(thread.isAlive()).as("a statement hangs").isFalse();
        }
        assertThat(unexpected).allSatisfy(StoppingTest::isAnAnswer);
    }

    /** 08007: the connection was closed while its statement's write was proposed. */
    private static void isAnAnswer(Throwable thrown) {
        assertThat(thrown).isInstanceOf(SQLException.class);
        assertThat(((SQLException) thrown).getSQLState())
                .as(thrown.toString())
                .isIn("40001", "HYT00", "57014", "08003", "08007");
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Thread start(ConcurrentLinkedQueue<Throwable> unexpected, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Throwable e) {
                unexpected.add(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Test
    void openAndCloseByManyAtOnce() throws Exception {
        String url = url();
        List<Thread> threads = new ArrayList<>();
        ConcurrentLinkedQueue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 4; i++) {
            threads.add(start(unexpected, () -> {
                for (int round = 0; round < 4; round++) {
                    try (Connection connection = DriverManager.getConnection(url);
                            Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery("SELECT 1")) {
                        row.next();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join(60_000);
            assertThat(thread.isAlive()).as("a connect or close hangs").isFalse();
        }
        assertThat(unexpected).isEmpty();
    }

    @Test
    void nodesComeAndGoUnderTraffic(@TempDir Path directory) throws Exception {
        String url = "jdbc:tunable:file:" + directory.resolve("db") + "?snapshotAfter=20000&consistencyTimeout=15s";
        ConcurrentLinkedQueue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        Set<Integer> acknowledged = java.util.concurrent.ConcurrentHashMap.newKeySet();
        AtomicBoolean stop = new AtomicBoolean();
        try (Connection keeper = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, NOTE VARCHAR)");
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int writer = i;
                threads.add(start(unexpected, () -> {
                    try (Connection connection = DriverManager.getConnection(url);
                            PreparedStatement insert = connection.prepareStatement("INSERT INTO T VALUES (?, ?)")) {
                        for (int n = 0; !stop.get(); n++) {
                            int id = n * 10 + writer;
                            insert.setInt(1, id);
                            insert.setString(2, "note " + id + "x".repeat(100));
                            insert.executeUpdate();
                            acknowledged.add(id);
                        }
                    }
                }));
            }
            EmbeddedCluster cluster = keeper.unwrap(TunableConnection.class).cluster();
            comeAndGo(cluster, acknowledged, unexpected);
            stop.set(true);
            for (Thread thread : threads) {
                thread.join(PATIENCE.toMillis());
                assertThat(thread.isAlive()).as("a write hangs").isFalse();
            }
            assertThat(unexpected).isEmpty();
            Set<Integer> found = new TreeSet<>();
            try (ResultSet rows = statement.executeQuery("SELECT ID FROM T WITH CONSISTENCY LINEARIZABLE")) {
                while (rows.next()) {
                    found.add(rows.getInt(1));
                }
            }
            assertThat(found).containsExactlyInAnyOrderElementsOf(acknowledged);
            Acknowledged.replicas(statement, "after nodes came and went");
        }
    }

    private static void comeAndGo(
            EmbeddedCluster cluster, Set<Integer> acknowledged, ConcurrentLinkedQueue<Throwable> unexpected)
            throws IOException {
        for (int round = 0; round < 4; round++) {
            int leader = awaitLeader(cluster);
            int victim = round % 2 == 0 ? leader : leader % 3 + 1;
            cluster.kill(victim);
            goesOn(acknowledged, unexpected);
            if (round >= 2) {
                cluster.wipe(victim);
            }
            cluster.restart(victim);
            goesOn(acknowledged, unexpected);
            await().atMost(PATIENCE)
                    .until(() -> cluster.replicas().get(victim - 1).applied() > 0);
            // a node that was wiped votes again only when it has caught up
            long target = cluster.replicas().get(awaitLeader(cluster) - 1).applied();
            await().atMost(PATIENCE)
                    .until(() -> cluster.replicas().get(victim - 1).applied() >= target
                            && !cluster.replicas().get(victim - 1).role().equals("REJOINING"));
        }
    }

    private static int awaitLeader(EmbeddedCluster cluster) {
        await().atMost(PATIENCE).until(() -> cluster.leader() != 0);
        return cluster.leader();
    }

    private static void goesOn(Set<Integer> acknowledged, ConcurrentLinkedQueue<Throwable> unexpected) {
        int before = acknowledged.size();
        await().atMost(PATIENCE).until(() -> acknowledged.size() > before + 20 || !unexpected.isEmpty());
        assertThat(unexpected).isEmpty();
    }
}
