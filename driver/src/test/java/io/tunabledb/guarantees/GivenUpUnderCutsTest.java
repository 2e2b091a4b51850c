package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.guarantees.Fates.Told;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Callers give up, by a cancel or a network time-out, while nodes are cut off and leaders change: what was answered with an error
 * never takes effect, but 08007; what was answered 08007 has its final fate from the first LINEARIZABLE read on; what was
 * acknowledged is there.
 */
class GivenUpUnderCutsTest {
    private static final int CLIENTS = Integer.getInteger("fates.clients", 8);
    /** Rows that all transactions change, so that some wait for others. */
    private static final int HOT_ROWS = 3;

    private static final int ROWS = 4;
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    /** What a caller asks. */
    private enum Way {
        ONE_ROW,
        ROWS_AT_ONCE,
        MERGE,
        BATCH,
        TRANSACTION
    }

    private final Fates fates = new Fates();
    private final AtomicLong operations = new AtomicLong();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ScheduledExecutorService cancels = Executors.newSingleThreadScheduledExecutor();
    private Cluster cluster;

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    @Timeout(300)
    void whatIsGivenUpHasOneFate(int shards) throws Exception {
        run(shards, Seeds.next(), 3, false);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    @Timeout(7200)
    @Tag("campaign")
    void whatIsGivenUpHasOneFateForLong(int shards) throws Exception {
        run(shards, Seeds.next(), Integer.getInteger("fates.unknown", 300), true);
    }

    /** Until so many were told each of the three; nodes are cut off, and perhaps killed. */
    private void run(int shards, long seed, int enough, boolean areKilled) throws Exception {
        System.out.println("GivenUpUnderCutsTest, shards=" + shards + ": -Dguarantees.seed=" + seed);
        String spread = shards == 1 ? "" : " SHARD BY (ID)";
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Cluster started = Cluster.with(
                "electionTimeout=300&shards=" + shards,
                "CREATE TABLE T(ID BIGINT PRIMARY KEY, OP BIGINT NOT NULL)" + spread,
                "CREATE TABLE HOT(ID BIGINT PRIMARY KEY, N BIGINT NOT NULL)" + spread,
                "INSERT INTO HOT SELECT X, 0 FROM SYSTEM_RANGE(1, " + HOT_ROWS + ")")) {
            cluster = started;
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                Random random = new Random(seed + client);
                running.add(threads.submit(() -> repeat(() -> operation(random))));
            }
            Random random = new Random(seed - 1);
            running.add(threads.submit(() -> repeat(() -> cut(random, areKilled))));
            try {
                Cluster.await(
                        "enough of each fate",
                        DEADLINE.multipliedBy(enough),
                        () -> running.stream().anyMatch(Future::isDone)
                                || !fates.broken().isEmpty()
                                || (fates.count(Told.DONE) >= enough
                                        && fates.count(Told.NOTHING) >= enough
                                        && fates.count(Told.UNKNOWN) >= enough));
            } finally {
                over.countDown();
                for (Future<?> one : running) {
                    one.get(60, TimeUnit.SECONDS);
                }
            }
            cluster.healAndCompare();
            lookAtAll();
            System.out.println("done " + fates.count(Told.DONE) + ", nothing " + fates.count(Told.NOTHING)
                    + ", unknown " + fates.count(Told.UNKNOWN));
            assertThat(fates.broken()).as("seed %d", seed).isEmpty();
            assertThat(hot()).as("seed %d: transactions that counted", seed).isEqualTo(fates.effective("TRANSACTION"));
        } finally {
            threads.shutdownNow();
            cancels.shutdownNow();
        }
    }

    private interface Turn {
        void run() throws Exception;
    }

    private Void repeat(Turn turn) throws Exception {
        while (over.getCount() > 0) {
            turn.run();
        }
        return null;
    }

    /** Something is cut, slow or dead for a while; then nothing, for a while. */
    private void cut(Random random, boolean areKilled) throws InterruptedException, IOException {
        EmbeddedCluster nodes = cluster.nodes();
        int leader = Math.max(1, nodes.leader(random.nextInt(nodes.shards())));
        int other = 1 + (leader + random.nextInt(2)) % nodes.nodes();
        int fault = random.nextInt(areKilled ? 7 : 6);
        switch (fault) {
            case 0, 1 -> nodes.isolate(leader);
            case 2 -> nodes.cutOneWay(leader, other);
            case 3 -> nodes.cutOneWay(other, leader);
            case 4 -> nodes.slow(leader, Duration.ofMillis(5 + random.nextInt(60)));
            case 5 -> nodes.isolate(other);
            default -> nodes.kill(leader);
        }
        untilOver(50 + random.nextInt(500));
        nodes.heal();
        if (fault == 6) {
            nodes.restart(leader);
        }
        untilOver(random.nextInt(100));
    }

    /** So long at most. */
    private void untilOver(long millis) throws InterruptedException {
        var unused = over.await(millis, TimeUnit.MILLISECONDS);
    }

    private String url(Random random) {
        return cluster.url() + "&tokenScope=connection&home=" + random.nextInt(4);
    }

    /** One caller asks for something, patiently or not, and then looks. */
    private void operation(Random random) throws Exception {
        long operation = operations.incrementAndGet();
        Way way = Way.values()[random.nextInt(Way.values().length)];
        int rows = way == Way.ONE_ROW ? 1 : ROWS;
        String story = way.toString();
        Told told;
        try (Connection caller = DriverManager.getConnection(url(random));
                Statement statement = caller.createStatement()) {
            story += impatience(random, caller, statement);
            try {
                ask(way, caller, statement, operation, 1 + random.nextInt(HOT_ROWS));
                told = Told.DONE;
            } catch (SQLException e) {
                story += ", answered " + e.getSQLState() + " " + e.getMessage();
                told = Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState()) ? Told.UNKNOWN : Told.NOTHING;
            }
        }
        fates.told(operation, story, rows, told);
        look(random, operation);
        look(random, 1 + random.nextLong(operation));
    }

    /** When the caller stops to wait. */
    private String impatience(Random random, Connection caller, Statement statement) throws SQLException {
        int millis = 1 + random.nextInt(random.nextBoolean() ? 20 : 500);
        switch (random.nextInt(4)) {
            case 0 -> {
                var unused = cancels.schedule(
                        () -> {
                            statement.cancel();
                            return null;
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
                return ", cancelled after " + millis + " ms";
            }
            case 1 -> {
                caller.setNetworkTimeout(Runnable::run, millis);
                return ", network timeout " + millis + " ms";
            }
            case 2 -> {
                statement.execute("SET QUERY_TIMEOUT " + millis);
                return ", query timeout " + millis + " ms";
            }
            default -> {
                return ", patient";
            }
        }
    }

    private void ask(Way way, Connection caller, Statement statement, long operation, int hot) throws SQLException {
        long first = operation * ROWS;
        StringBuilder all = new StringBuilder();
        for (long id = first; id < first + ROWS; id++) {
            all.append(id == first ? "" : ", ")
                    .append('(')
                    .append(id)
                    .append(", ")
                    .append(operation)
                    .append(')');
        }
        switch (way) {
            case ONE_ROW -> statement.executeUpdate("INSERT INTO T VALUES (" + first + ", " + operation + ")");
            case ROWS_AT_ONCE -> statement.executeUpdate("INSERT INTO T VALUES " + all);
            case MERGE -> statement.executeUpdate("MERGE INTO T(ID, OP) VALUES " + all);
            case BATCH -> {
                caller.setAutoCommit(false);
                for (long id = first; id < first + ROWS; id++) {
                    statement.addBatch("INSERT INTO T VALUES (" + id + ", " + operation + ")");
                }
                statement.executeBatch();
                caller.commit();
            }
            case TRANSACTION -> {
                caller.setAutoCommit(false);
                statement.executeUpdate("INSERT INTO T VALUES (" + first + ", " + operation + ")");
                statement.executeUpdate("UPDATE HOT SET N = N + 1 WHERE ID = " + hot);
                for (long id = first + 1; id < first + ROWS; id++) {
                    statement.executeUpdate("INSERT INTO T VALUES (" + id + ", " + operation + ")");
                }
                caller.commit();
            }
        }
    }

    /** Looks at LINEARIZABLE, again until that is answered or all is over. */
    private void look(Random random, long operation) throws Exception {
        if (!fates.isTold(operation)) {
            return;
        }
        while (over.getCount() > 0) {
            try (Connection reader = DriverManager.getConnection(url(random));
                    PreparedStatement statement = reader.prepareStatement(
                            "SELECT COUNT(*) FROM T WHERE OP = ? WITH CONSISTENCY LINEARIZABLE")) {
                statement.setLong(1, operation);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    fates.seen(operation, rows.getInt(1));
                    return;
                }
            } catch (SQLException e) {
                if (!Refusal.CERTAIN.contains(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }

    private void lookAtAll() throws SQLException {
        Map<Long, Integer> found = new HashMap<>();
        try (Connection reader = DriverManager.getConnection(cluster.url());
                Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT OP, COUNT(*) FROM T GROUP BY OP WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                found.put(rows.getLong(1), rows.getInt(2));
            }
        }
        fates.operations().forEach(operation -> fates.seen(operation, found.getOrDefault(operation, 0)));
    }

    private long hot() throws SQLException {
        try (Connection reader = DriverManager.getConnection(cluster.url());
                Statement statement = reader.createStatement();
                ResultSet row = statement.executeQuery("SELECT SUM(N) FROM HOT WITH CONSISTENCY LINEARIZABLE")) {
            row.next();
            return row.getLong(1);
        }
    }
}
