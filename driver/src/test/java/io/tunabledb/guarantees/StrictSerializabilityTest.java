package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.guarantees.TransactionHistory.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random transactions from several clients at once, judged by {@link TransactionHistory}. The lists are rows that appear
 * when they are first appended to, so queries over all of them meet phantoms.
 */
class StrictSerializabilityTest {
    private static final int CLIENTS = 4;
    private static final int LISTS = 5;
    private static final int TRANSACTIONS = 80;

    private Cluster cluster;
    private final AtomicInteger ids = new AtomicInteger();
    private final Queue<Transaction> history = new ConcurrentLinkedQueue<>();

    private void start(int shards) throws SQLException {
        cluster = Cluster.sharded(
                shards,
                "CREATE TABLE LIST(ID INT PRIMARY KEY, L VARCHAR NOT NULL)" + (shards > 1 ? " SHARD BY (ID)" : ""),
                "CREATE VIEW ALL_LISTS AS SELECT ID, L FROM LIST");
    }

    @AfterEach
    void stop() throws SQLException {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void linearizableTransactionsAreStrictlySerializable(int shards) throws Exception {
        start(shards);
        assertThat(run("LINEARIZABLE", () -> {})).isEmpty();
        assertThat(history.size()).as("some were committed").isGreaterThan(CLIENTS * 10);
    }

    @Test
    void alsoWhenTheLeaderIsCutOffUnderThem() throws Exception {
        start(1);
        assertThat(run("LINEARIZABLE", () -> {
                    for (int i = 0; i < 2; i++) {
                        ReplicaStatus leader = cluster.replica(cluster.leader());
                        int committed = history.size();
                        Cluster.await("some work", () -> history.size() >= committed + 20 || isDone());
                        cluster.nodes().isolate(leader.node());
                        cluster.leaderAfter(leader);
                        cluster.nodes().heal();
                    }
                }))
                .isEmpty();
    }

    @Test
    void atTheDefaultTheyAreNot() throws Exception {
        start(1);
        Optional<String> violation = Optional.empty();
        for (int tries = 0; tries < 10 && violation.isEmpty(); tries++) {
            history.clear();
            cluster.run("DELETE FROM LIST");
            violation = run("SEQUENTIAL", () -> {});
        }
        assertThat(violation).isPresent();
    }

    private final AtomicInteger running = new AtomicInteger();

    private boolean isDone() {
        return running.get() == 0;
    }

    /** Something that happens meanwhile. */
    private interface Fault {
        void run() throws Exception;
    }

    private Optional<String> run(String level, Fault fault) throws Exception {
        long seed = Seeds.next();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            running.set(CLIENTS);
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + i);
                clients.add(CompletableFuture.runAsync(() -> work(level, random), threads));
            }
            fault.run();
            for (CompletableFuture<Void> client : clients) {
                client.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        Map<Integer, List<Integer>> last = last();
        // one whose outcome was unknown is committed if its appends are there
        List<Transaction> committed = history.stream()
                .filter(one -> one.returned() != Long.MAX_VALUE
                        || one.appends().stream()
                                .anyMatch(
                                        key -> last.getOrDefault(key, List.of()).contains(one.id())))
                .toList();
        return TransactionHistory.violation(committed, last).map(wrong -> "seed " + seed + ": " + wrong);
    }

    private void work(String level, Random random) {
        try (Client client = cluster.at(0, "consistency=" + level)) {
            client.execute("SET LOCK_TIMEOUT 10000");
            client.begin();
            for (int i = 0; i < TRANSACTIONS; i++) {
                transact(client, random);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            running.decrementAndGet();
        }
    }

    private void transact(Client client, Random random) throws SQLException {
        int id = ids.incrementAndGet();
        Map<Integer, List<Integer>> reads = new HashMap<>();
        Set<Integer> appends = new HashSet<>();
        long invoked = System.nanoTime();
        try {
            int steps = 1 + random.nextInt(4);
            for (int i = 0; i < steps; i++) {
                int key = 1 + random.nextInt(LISTS);
                switch (random.nextInt(5)) {
                    case 0 -> readAll(client, id, random, reads);
                    case 1, 2 -> read(client, id, key, reads);
                    default -> {
                        if (appends.add(key)) {
                            append(client, key, id);
                        }
                    }
                }
            }
            client.commit();
            history.add(new Transaction(id, reads, appends, invoked, System.nanoTime()));
        } catch (SQLException e) {
            client.rollback();
            if (Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                history.add(new Transaction(id, reads, appends, invoked, Long.MAX_VALUE));
            } else {
                // H2 says 23505 to one of two who insert the same key
                assertThat(Refusal.CERTAIN.contains(e.getSQLState())
                                || e.getSQLState().equals("23505"))
                        .as(e.toString())
                        .isTrue();
            }
        }
    }

    private static void append(Client client, int key, int id) throws SQLException {
        if (client.update("UPDATE LIST SET L = L || ',' || ? WHERE ID = ?", String.valueOf(id), key) == 0) {
            client.update("INSERT INTO LIST VALUES (?, ?)", key, String.valueOf(id));
        }
    }

    private static void read(Client client, int id, int key, Map<Integer, List<Integer>> reads) throws SQLException {
        try (PreparedStatement statement =
                client.connection().prepareStatement("SELECT ID, L FROM LIST L WHERE L.ID = ?")) {
            statement.setInt(1, key);
            try (ResultSet rows = statement.executeQuery()) {
                note(id, rows, reads, List.of(key));
            }
        }
    }

    private static void readAll(Client client, int id, Random random, Map<Integer, List<Integer>> reads)
            throws SQLException {
        String from = random.nextBoolean() ? "LIST" : "ALL_LISTS";
        try (Statement statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID, L FROM " + from)) {
            note(id, rows, reads, List.of(1, 2, 3, 4, 5));
        }
    }

    /** What it had appended itself is no part of what it found. A first read stands; a second must agree with it. */
    private static void note(int id, ResultSet rows, Map<Integer, List<Integer>> reads, List<Integer> keys)
            throws SQLException {
        Map<Integer, List<Integer>> found = new HashMap<>();
        while (rows.next()) {
            List<Integer> list = Arrays.stream(rows.getString(2).split(",", -1))
                    .map(Integer::valueOf)
                    .filter(one -> one != id)
                    .toList();
            found.put(rows.getInt(1), list);
        }
        for (int key : keys) {
            List<Integer> list = found.getOrDefault(key, List.of());
            List<Integer> before = reads.putIfAbsent(key, list);
            if (before != null && list.size() > before.size()) {
                // two reads of one transaction that differ: the second can't be explained, nor can both
                reads.put(key, before);
                reads.put(-key, List.of(id));
            }
        }
    }

    private Map<Integer, List<Integer>> last() throws SQLException {
        Map<Integer, List<Integer>> last = new HashMap<>();
        try (Client client = cluster.at(0, "consistency=LINEARIZABLE");
                Statement statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID, L FROM LIST")) {
            while (rows.next()) {
                last.put(
                        rows.getInt(1),
                        Arrays.stream(rows.getString(2).split(",", -1))
                                .map(Integer::valueOf)
                                .toList());
            }
        }
        return last;
    }
}
