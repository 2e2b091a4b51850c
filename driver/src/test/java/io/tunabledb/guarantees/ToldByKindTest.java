package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of what can come from below and what it becomes, walked: every trouble, one after another, under every kind of
 * call. {@link ToldFailuresTest} has them come at random and at once.
 */
// memory ends in it, and the JVM of the tests that always run is told to exit then
@Tag("campaign")
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ToldByKindTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final String LOCK_TIMEOUT_MILLIS = "100";

    /** More than any heap gives at a time. */
    private static final String HUNGRY = "LENGTH(SPACE(2147483647 - 0 * V))";

    private static final String ENDLESS = "(SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000000000) R WHERE R.X > V)";
    private static final String NOTHING = "0";

    /** Vendor codes, where H2 has the state. */
    private static final Map<String, Integer> CODES =
            Map.of("40001", 40001, "57014", 57014, "08003", 90098, "HYT00", 50200);

    /** What is wrong, what each call adds to its rows, and what it may be told. */
    private enum Trouble {
        NONE(NOTHING),
        MEMORY(HUNGRY, "TC006"),
        TIMEOUT(ENDLESS, "57014", "08007", "40001"),
        CANCEL(ENDLESS, "57014", "08007", "40001"),
        NETWORK_TIMEOUT(ENDLESS, "08006", "08007", "08003", "40001"),
        LOCKED_ROWS(NOTHING, "HYT00"),
        CUT_OFF_HOME(NOTHING, "TC001", "TC002", "08007", "40001"),
        NO_MAJORITY(NOTHING, "TC001", "TC002", "08007", "40001"),
        CLOSED_STORAGE(NOTHING, "40001", "08007", "TC001", "TC002"),
        KILLED_LEADER(NOTHING, "40001", "08007", "TC001", "TC002"),
        CLOSED_CONNECTION(NOTHING, "08003"),
        FULL_DISK(NOTHING, "TC007");

        private final String added;
        private final String told;

        Trouble(String added, String... told) {
            this.added = added;
            this.told = String.join(" ", told);
        }
    }

    private final String name = "kinds" + NEXT.incrementAndGet();
    private final Set<String> wrong = new ConcurrentSkipListSet<>();
    private final Set<String> seen = new ConcurrentSkipListSet<>();

    private void check(String what, Trouble trouble, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        seen.add(trouble + " " + what + " " + state);
        String message = String.valueOf(e.getMessage());
        if (!List.of(trouble.told.split(" ")).contains(state)
                || e.getErrorCode() != CODES.getOrDefault(state, 0)
                || message.startsWith("General error")) {
            wrong.add(trouble + ", " + what + ": " + state + " " + e.getErrorCode() + " "
                    + e.getClass().getSimpleName() + ": " + message + " at "
                    + Stream.of(e.getStackTrace())
                            .filter(frame -> frame.getClassName().startsWith("io.tunabledb"))
                            .limit(8)
                            .toList());
        }
    }

    /** All calls at once, each on connections of its own. */
    private void walk(String url, Trouble trouble, Bringing bringing) throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Connection> connections = new ArrayList<>();
        try {
            for (Map.Entry<String, KindsOfCalls.Call> call : KindsOfCalls.CALLS.entrySet()) {
                Connection connection = DriverManager.getConnection(url);
                Connection open = DriverManager.getConnection(url);
                connections.addAll(List.of(connection, open));
                KindsOfCalls.Own own = new KindsOfCalls.Own(connection, open, "T" + threads.size(), trouble.added);
                if (trouble != Trouble.FULL_DISK) {
                    open.setAutoCommit(false);
                    KindsOfCalls.execute(open, "INSERT INTO U VALUES (" + NEXT.incrementAndGet() + ")");
                }
                ready(trouble, connection);
                if (trouble == Trouble.CLOSED_CONNECTION) {
                    connection.close();
                    open.close();
                }
                threads.add(new Thread(() -> call(call.getKey(), call.getValue(), trouble, own)));
            }
            bringing.bring();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(30));
                assertThat(thread.isAlive())
                        .as(() -> trouble + ": a call has not ended: " + Arrays.toString(thread.getStackTrace()))
                        .isFalse();
            }
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
        assertThat(wrong).as("all that was told: %s", seen).isEmpty();
        // who comes while another begins to lead may only wait
        boolean mayPass = trouble == Trouble.CLOSED_STORAGE || trouble == Trouble.KILLED_LEADER;
        if (!trouble.told.isEmpty() && !mayPass) {
            assertThat(seen).as("what %s becomes", trouble).anyMatch(each -> each.startsWith(trouble.name()));
        }
    }

    private interface Bringing {
        void bring() throws Exception;
    }

    private static void ready(Trouble trouble, Connection connection) throws SQLException {
        if (trouble == Trouble.TIMEOUT) {
            KindsOfCalls.execute(connection, "SET QUERY_TIMEOUT 100");
        } else if (trouble == Trouble.NETWORK_TIMEOUT) {
            Executor own = Runnable::run;
            connection.setNetworkTimeout(own, 300);
        }
    }

    private void call(String what, KindsOfCalls.Call call, Trouble trouble, KindsOfCalls.Own own) {
        KindsOfCalls.Watch watch = KindsOfCalls.WATCH.get();
        watch.cancels = trouble == Trouble.CANCEL;
        Thread canceller = new Thread(() -> cancel(watch));
        canceller.start();
        try {
            call.run(own);
        } catch (SQLException e) {
            check(what, trouble, e);
        } catch (RuntimeException | Error e) {
            wrong.add(trouble + ", " + what + ": " + e + " " + List.of(e.getStackTrace()));
        } finally {
            watch.cancels = false;
            try {
                canceller.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void cancel(KindsOfCalls.Watch watch) {
        while (watch.cancels) {
            try {
                TimeUnit.MILLISECONDS.sleep(20);
                Statement now = watch.now;
                if (now != null && !now.isClosed()) {
                    now.cancel();
                }
            } catch (SQLException e) {
                check("cancel", Trouble.CANCEL, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void walkAll(String url, EmbeddedCluster cluster) throws Exception {
        Bringing none = () -> {};
        for (Trouble trouble : List.of(
                Trouble.NONE,
                Trouble.MEMORY,
                Trouble.TIMEOUT,
                Trouble.CANCEL,
                Trouble.NETWORK_TIMEOUT,
                Trouble.CLOSED_CONNECTION)) {
            walk(url, trouble, none);
        }
        try (Connection other = DriverManager.getConnection(url)) {
            other.setAutoCommit(false);
            walk(url, Trouble.LOCKED_ROWS, () -> {
                for (int i = 0; i < KindsOfCalls.CALLS.size(); i++) {
                    KindsOfCalls.execute(other, "UPDATE T" + i + " SET V = V");
                }
            });
            other.rollback();
        }
        walk(url + "&home=1", Trouble.CUT_OFF_HOME, () -> cluster.isolate(1));
        heal(cluster);
        walk(url, Trouble.NO_MAJORITY, () -> {
            cluster.isolate(1);
            cluster.isolate(2);
        });
        heal(cluster);
        walk(url, Trouble.CLOSED_STORAGE, () -> close(cluster, cluster.leader()));
        heal(cluster);
        int killed = cluster.leader();
        walk(url, Trouble.KILLED_LEADER, () -> cluster.kill(killed));
        cluster.restart(killed);
        heal(cluster);
        walk(url, Trouble.NONE, none);
    }

    private static void close(EmbeddedCluster cluster, int node) {
        try {
            cluster.damage(node, "SHUTDOWN IMMEDIATELY");
        } catch (SQLException | RuntimeException e) {
            // its own connection is closed with the rest
            assertThat(e).isNotNull();
        }
    }

    private static void heal(EmbeddedCluster cluster) {
        cluster.heal();
        Cluster.await("all nodes", () -> {
            for (int shard = 0; shard < cluster.shards(); shard++) {
                if (cluster.leader(shard) == 0
                        || !cluster.replicas(shard).stream()
                                .allMatch(replica -> replica.role().matches("LEADER|FOLLOWER"))) {
                    return false;
                }
            }
            return true;
        });
    }

    private static void define(Statement statement, int shards) throws SQLException {
        for (int i = 0; i < KindsOfCalls.CALLS.size(); i++) {
            statement.execute(
                    "CREATE TABLE T" + i + "(K INT PRIMARY KEY, V INT)" + (shards == 1 ? "" : " SHARD BY (K)"));
            statement.execute("INSERT INTO T" + i + " SELECT X - 1, 0 FROM SYSTEM_RANGE(1, 10)");
        }
        statement.execute("CREATE TABLE U(K INT PRIMARY KEY)" + (shards == 1 ? "" : " SHARD BY (K)"));
        statement.execute("CREATE SEQUENCE S");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void everyTroubleUnderEveryCall(int shards) throws Exception {
        String url = "jdbc:tunable:mem:" + name + ";LOCK_TIMEOUT=" + LOCK_TIMEOUT_MILLIS
                + "?consistencyTimeout=500&definitionTimeout=1500&definitionGrace=200&tokenScope=connection&shards="
                + shards;
        try (Connection keeper = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            define(statement, shards);
            walkAll(url, keeper.unwrap(TunableConnection.class).cluster());
        }
    }

    @Test
    void aFullDiskUnderEveryCall(@TempDir Path directory) throws Exception {
        String url = "jdbc:tunable:file:" + directory.resolve("db") + "?tokenScope=connection";
        try (Connection keeper = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            define(statement, 1);
        }
        walk(url + "&diskReserve=1000000000000000000", Trouble.FULL_DISK, () -> {});
    }
}
