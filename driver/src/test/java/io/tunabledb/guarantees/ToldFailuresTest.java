package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls of every kind while all that can come from below comes: leaders that are cut off, storages that close themselves,
 * nodes that die, definitions, cancellations, interrupts, deadlocks, and in the end the database's own close. What a call
 * throws is an SQLException whose state says what to do, with H2's vendor code where it is H2's state.
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ToldFailuresTest {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final int CALLS_BETWEEN = 60;
    private static final long DEADLINE_SECONDS = 20;

    /** What callers may be told, with the vendor codes it may have. */
    private static final Map<String, Set<Integer>> TOLD = new TreeMap<>(Map.ofEntries(
            // run it again
            Map.entry("40001", Set.of(40001)),
            // look before you run it again
            Map.entry("08007", Set.of(0)),
            // another level, or later
            Map.entry("TC001", Set.of(0)),
            Map.entry("TC002", Set.of(0)),
            Map.entry("08001", Set.of(0)),
            // a replica's own failure
            Map.entry("58030", Set.of(0)),
            // what was asked for
            Map.entry("57014", Set.of(57014)),
            Map.entry("08003", Set.of(90098)),
            Map.entry("08006", Set.of(0)),
            // a row that another keeps
            Map.entry("HYT00", Set.of(50200)),
            // a definition that others keep out
            Map.entry("TC005", Set.of(0))));

    private static final List<String> STATEMENTS = List.of(
            "SELECT V FROM T WHERE K = 3",
            "SELECT V FROM T WHERE K = 3 WITH CONSISTENCY EVENTUAL",
            "SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE",
            "SELECT COUNT(*) FROM T A JOIN T B ON A.V = B.V WITH CONSISTENCY SNAPSHOT",
            "SELECT V FROM W WHERE K = 2 WITH CONSISTENCY BOUNDED_STALENESS (1 SECOND)",
            "UPDATE T SET V = V + 1 WHERE K = 5",
            "UPDATE T SET V = V + 1",
            "UPDATE T SET V = V + 1 WHERE K = 6 WITH CONSISTENCY EVENTUAL",
            "MERGE INTO T(K, V) KEY(K) VALUES (7, 1)",
            "SELECT V FROM FINAL TABLE (UPDATE T SET V = 1 WHERE K = 8)",
            "SELECT NEXT VALUE FOR S",
            "UPDATE T SET V = 0 WHERE K = 1; UPDATE T SET V = 0 WHERE K = 2",
            "SELECT * FROM TUNABLE.REPLICAS",
            "SELECT * FROM TUNABLE.LEVELS",
            "SELECT * FROM INFORMATION_SCHEMA.SESSIONS",
            "SHOW CONSISTENCY OUTBOX",
            "CHECK REPLICAS");

    private final ConcurrentSkipListMap<String, AtomicInteger> seen = new ConcurrentSkipListMap<>();
    private final Set<String> wrong = Collections.synchronizedSet(new TreeSet<>());
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicInteger calls = new AtomicInteger();

    /** What a client does. */
    private interface Client {
        void call(Connection connection, Random random) throws SQLException;
    }

    private static void readAll(ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            for (int i = 1; i <= columns; i++) {
                var unused = rows.getObject(i);
            }
        }
    }

    private static void statements(Connection connection, Random random) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(random.nextInt(5) == 0 ? 1 : 0);
            if (statement.execute(STATEMENTS.get(random.nextInt(STATEMENTS.size())))) {
                try (ResultSet rows = statement.getResultSet()) {
                    readAll(rows);
                }
            }
        }
    }

    private static void prepared(Connection connection, Random random) throws SQLException {
        try (PreparedStatement read =
                        connection.prepareStatement("SELECT * FROM T WHERE K = ? WITH CONSISTENCY EVENTUAL");
                PreparedStatement write = connection.prepareStatement("UPDATE T SET V = V + ? WHERE K = ?")) {
            for (int i = 0; i < 5; i++) {
                read.setInt(1, random.nextInt(10));
                try (ResultSet rows = read.executeQuery()) {
                    readAll(rows);
                }
                write.setInt(1, 1);
                write.setInt(2, random.nextInt(10));
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    private static void transactions(Connection connection, Random random) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            connection.setTransactionIsolation(
                    random.nextBoolean() ? Connection.TRANSACTION_SERIALIZABLE : Connection.TRANSACTION_READ_COMMITTED);
            for (int i = 0; i < 3; i++) {
                statement.executeUpdate("UPDATE T SET V = V + 1 WHERE K = " + random.nextInt(10));
                try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
                    readAll(rows);
                }
            }
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static void metadata(Connection connection, Random random) throws SQLException {
        DatabaseMetaData data = connection.getMetaData();
        for (ResultSet rows : List.of(
                data.getTables(null, null, "%", null),
                data.getColumns(null, null, "T", "%"),
                data.getIndexInfo(null, null, "T", false, false),
                data.getPrimaryKeys(null, null, "T"),
                data.getSchemas(),
                data.getTypeInfo())) {
            readAll(rows);
            rows.close();
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT K, V FROM T WHERE K = ?")) {
            var unused = statement.getMetaData();
            var unusedCount = statement.getParameterMetaData().getParameterCount();
        }
        assertThat(connection.isValid(1 + random.nextInt(3))).isIn(true, false);
    }

    private static void definitions(Connection connection, Random random) throws SQLException {
        int number = random.nextInt(1_000_000);
        try (Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE T ADD COLUMN IF NOT EXISTS X INT");
            statement.execute("CREATE TABLE IF NOT EXISTS N" + number + "(ID INT)");
            statement.execute("CREATE INDEX IF NOT EXISTS IX" + number + " ON T(X)");
            statement.execute("DROP INDEX IF EXISTS IX" + number);
            statement.execute("DROP TABLE IF EXISTS N" + number);
            statement.execute("ALTER TABLE T DROP COLUMN IF EXISTS X");
        }
    }

    private Thread client(String url, int number, Client client) {
        Thread thread = new Thread(() -> run(url, number, client), "client-" + number);
        thread.start();
        return thread;
    }

    private void run(String url, int number, Client client) {
        Random random = new Random(number);
        Connection connection = null;
        while (!isOver.get()) {
            try {
                if (connection == null || connection.isClosed()) {
                    connection = DriverManager.getConnection(url);
                }
                client.call(connection, random);
            } catch (SQLException e) {
                told(e);
            } catch (RuntimeException | Error e) {
                wrong.add(String.valueOf(e) + " at " + where(e));
            }
            calls.incrementAndGet();
            // an interrupt ends one call
            var unused = Thread.interrupted();
        }
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            told(e);
        }
    }

    private void told(SQLException e) {
        // a batch's error is that of the element that failed first
        String state = String.valueOf(e.getSQLState());
        seen.computeIfAbsent(state + " " + e.getErrorCode(), any -> new AtomicInteger())
                .incrementAndGet();
        Set<Integer> codes = TOLD.get(state);
        if (codes == null
                || !codes.contains(e.getErrorCode())
                || e.getMessage() == null
                || e.getMessage().startsWith("General error")) {
            wrong.add(state + " " + e.getErrorCode() + " " + e.getClass().getSimpleName() + ": " + e.getMessage()
                    + " at " + where(e));
        }
    }

    private static List<StackTraceElement> where(Throwable failure) {
        return Stream.of(failure.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("io.tunabledb"))
                .limit(12)
                .toList();
    }

    private void letThemCall() throws InterruptedException {
        int enough = calls.get() + CALLS_BETWEEN;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (calls.get() < enough && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static void close(EmbeddedCluster cluster, int node) {
        try {
            cluster.damage(node, "SHUTDOWN IMMEDIATELY");
        } catch (SQLException | RuntimeException e) {
            // its own connection is closed with the rest
            assertThat(e).isNotNull();
        }
    }

    private static void awaitLeader(EmbeddedCluster cluster) {
        Cluster.await("a leader", () -> cluster.leader() > 0);
    }

    private static void walk(EmbeddedCluster cluster, ToldFailuresTest test, List<Thread> clients)
            throws IOException, InterruptedException {
        awaitLeader(cluster);
        int cut = cluster.leader();
        cluster.isolate(cut);
        test.letThemCall();
        cluster.heal();
        awaitLeader(cluster);
        close(cluster, cluster.leader());
        test.letThemCall();
        awaitLeader(cluster);
        close(cluster, cluster.leader() % cluster.nodes() + 1);
        test.letThemCall();
        awaitLeader(cluster);
        int killed = cluster.leader();
        cluster.kill(killed);
        test.letThemCall();
        cluster.restart(killed);
        for (int i = 0; i < 10; i++) {
            clients.get(i % clients.size()).interrupt();
            TimeUnit.MILLISECONDS.sleep(5);
        }
        test.letThemCall();
        // no majority
        cluster.isolate(1);
        cluster.isolate(2);
        test.letThemCall();
        cluster.heal();
        test.letThemCall();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void nothingButWhatSaysWhatToDo(int shards) throws Exception {
        // a definition or a check that waits for a leader to come back waits that long
        String url = "jdbc:tunable:mem:told" + NEXT.incrementAndGet()
                + "?consistencyTimeout=1000&definitionTimeout=2000&shards=" + shards;
        List<Thread> clients = new ArrayList<>();
        try (Connection keeper = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(K INT PRIMARY KEY, V INT)" + (shards == 1 ? "" : " SHARD BY (K)"));
            statement.execute("CREATE VIEW W AS SELECT K, V FROM T");
            statement.execute("CREATE SEQUENCE S");
            statement.execute("INSERT INTO T SELECT X - 1, 0 FROM SYSTEM_RANGE(1, 10)");
            statement.execute("SET LOCK_TIMEOUT 500");
            for (Client client : List.<Client>of(
                    ToldFailuresTest::statements,
                    ToldFailuresTest::statements,
                    ToldFailuresTest::prepared,
                    ToldFailuresTest::transactions,
                    ToldFailuresTest::transactions,
                    ToldFailuresTest::metadata,
                    ToldFailuresTest::definitions)) {
                clients.add(client(url, clients.size(), client));
            }
            try {
                walk(keeper.unwrap(TunableConnection.class).cluster(), this, clients);
            } finally {
                isOver.set(true);
                for (Thread client : clients) {
                    client.join(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
                }
            }
            assertThat(wrong).as("all that was told: %s", seen).isEmpty();
            assertThat(seen).as("something was").isNotEmpty();
        }
    }
}
