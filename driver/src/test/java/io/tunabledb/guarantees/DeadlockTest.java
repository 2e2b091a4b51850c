package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Transactions that wait for each other over shards: one of them gives way at once, and nobody else. Locks are waited for far
 * longer than any test may take, so who ends otherwise does not end.
 */
class DeadlockTest {
    private static final int SHARDS = 4;
    private static final int ROWS = 40;
    private static final String WRITE = "UPDATE T SET V = V + 1 WHERE ID = ?";
    private static final String SUM = "SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE";
    private static final String ANY_TIME = "SET LOCK_TIMEOUT 600000";

    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(
            SHARDS,
            "CREATE TABLE T(ID INT PRIMARY KEY, V INT) SHARD BY (ID)",
            "CREATE TABLE R(ID INT PRIMARY KEY, V INT) REFERENCE",
            "INSERT INTO R VALUES (1, 0)");
    /** Keys of rows, by shard. */
    private static final List<List<Integer>> KEYS = new ArrayList<>();

    @BeforeAll
    static void start() throws SQLException {
        for (int shard = 0; shard < SHARDS; shard++) {
            KEYS.add(new ArrayList<>());
        }
        try (Client client = cluster.at(0)) {
            for (int id = 0; id < ROWS; id++) {
                client.update("INSERT INTO T VALUES (?, 0)", id);
                KEYS.get(client.receipt().served().get(0).shard()).add(id);
            }
        }
        assertThat(KEYS).allSatisfy(keys -> assertThat(keys).hasSizeGreaterThan(1));
    }

    @BeforeEach
    void reset() throws SQLException {
        cluster.run("UPDATE T SET V = 0");
    }

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
    }

    private static List<Client> open(int count) throws SQLException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Client client = cluster.at(0);
            client.execute(ANY_TIME);
            client.begin();
            clients.add(client);
        }
        return clients;
    }

    private static void close(List<Client> clients) throws SQLException {
        for (Client client : clients) {
            client.close();
        }
    }

    private interface Step {
        void run() throws SQLException;
    }

    /** The SQLSTATE it fails with, or "done" when it is committed. */
    private static CompletableFuture<String> end(Client client, Step step) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        step.run();
                        client.commit();
                        return "done";
                    } catch (SQLException e) {
                        String again = Refusal.expect("40001", client::commit);
                        assertThat(again).isNotEmpty();
                        return e.getSQLState() + " " + e.getMessage();
                    }
                },
                THREADS);
    }

    private static List<String> ends(List<CompletableFuture<String>> futures) throws Exception {
        List<String> ends = new ArrayList<>();
        for (CompletableFuture<String> future : futures) {
            ends.add(future.get(60, TimeUnit.SECONDS));
        }
        return ends;
    }

    /** The wall clock ranks transactions: those of one millisecond are as old as each other. */
    private static void awaitNextMillisecond() {
        long now = System.currentTimeMillis();
        Cluster.await("the clock", () -> System.currentTimeMillis() > now);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 2, UPDATE",
        "3, 2, UPDATE",
        "3, 3, UPDATE",
        "5, 4, UPDATE",
        "2, 2, SELECT",
        "5, 3, SELECT",
        "4, 4, MERGE",
        "3, 3, DELETE"
    })
    void theYoungestOfACircleGivesWayAndTheOthersGoOn(int size, int shards, String kind) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String lock = switch (kind) {
            case "UPDATE" -> WRITE;
            case "SELECT" -> "SELECT V FROM T WHERE ID = ? FOR UPDATE";
            case "MERGE" -> "MERGE INTO T KEY (ID) VALUES (?, 1)";
            default -> "DELETE FROM T WHERE ID = ? AND V < 0 OR ID = ? AND V >= 0";
        };
        List<Integer> rows = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<Integer> keys = KEYS.get(i % shards);
            rows.add(keys.get(i / shards));
        }
        Collections.shuffle(rows, random);
        List<Client> clients = open(size);
        try {
            for (int i = 0; i < size; i++) {
                awaitNextMillisecond();
                clients.get(i).update(WRITE, rows.get(i));
            }
            List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4).subList(0, size));
            Collections.shuffle(order, random);
            List<CompletableFuture<String>> futures = new ArrayList<>();
            for (int i : order) {
                int wanted = rows.get((i + 1) % size);
                futures.add(end(clients.get(i), () -> take(clients.get(i), kind, lock, wanted)));
            }
            List<String> ends = ends(futures);
            for (int i = 0; i < size; i++) {
                String expected = order.get(i) == size - 1 ? "40001" : "done";
                assertThat(ends.get(i))
                        .as("seed %d, %s of %s", seed, order.get(i), rows)
                        .startsWith(expected);
            }
            assertThat(String.join("", ends)).contains("deadlock of " + size + " transactions");
        } finally {
            close(clients);
            cluster.run("MERGE INTO T SELECT X, 0 FROM SYSTEM_RANGE(0, " + (ROWS - 1) + ")");
        }
    }

    private static void take(Client client, String kind, String lock, int row) throws SQLException {
        switch (kind) {
            case "SELECT" -> client.number(lock, row);
            case "DELETE" -> client.update(lock, row, row);
            default -> client.update(lock, row);
        }
    }

    /** All locks of one transaction stand in the way of another that has come from the other end. */
    @Test
    void aStatementOverAllShardsGivesWayOrIsGivenWayTo() throws Exception {
        List<Client> clients = open(2);
        try {
            int last = KEYS.get(SHARDS - 1).get(0);
            clients.get(0).update(WRITE, last);
            awaitNextMillisecond();
            CompletableFuture<String> all =
                    end(clients.get(1), () -> clients.get(1).update("UPDATE T SET V = V + 100"));
            Cluster.await("the whole table's update to wait", () -> waiting() == 1);
            CompletableFuture<String> first = end(
                    clients.get(0),
                    () -> clients.get(0).update(WRITE, KEYS.get(0).get(0)));
            assertThat(ends(List.of(all, first)).get(0)).startsWith("40001");
            assertThat(ends(List.of(first))).containsExactly("done");
            try (Client reader = cluster.at(0)) {
                assertThat(reader.number(SUM)).isEqualTo(2);
            }
        } finally {
            close(clients);
        }
    }

    private static long waiting() throws SQLException {
        try (Client client = cluster.at(0)) {
            return client.look("SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS WHERE WAITING");
        }
    }

    /** Long waits that are no circle end when whoever is waited for ends. */
    @Test
    void aChainOfWaitsEndsByItself() throws Exception {
        List<Client> clients = open(4);
        try {
            for (int i = 0; i < 4; i++) {
                clients.get(i).update(WRITE, KEYS.get(i).get(0));
            }
            List<CompletableFuture<String>> futures = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Client client = clients.get(i);
                int next = KEYS.get(i + 1).get(0);
                futures.add(end(client, () -> client.update(WRITE, next)));
            }
            Cluster.await("three of them to wait", () -> waiting() == 3);
            // what comes and goes beside them shows that the search has looked more than once
            for (int i = 0; i < 5; i++) {
                deadlockBeside();
            }
            assertThat(futures).noneMatch(CompletableFuture::isDone);
            clients.get(3).commit();
            assertThat(ends(futures)).containsOnly("done");
        } finally {
            close(clients);
        }
    }

    private static void deadlockBeside() throws Exception {
        List<Client> two = open(2);
        try {
            int here = KEYS.get(0).get(1);
            int there = KEYS.get(1).get(1);
            two.get(0).update(WRITE, here);
            two.get(1).update(WRITE, there);
            List<CompletableFuture<String>> futures = List.of(
                    end(two.get(0), () -> two.get(0).update(WRITE, there)),
                    end(two.get(1), () -> two.get(1).update(WRITE, here)));
            assertThat(ends(futures).stream().filter(end -> end.startsWith("40001")))
                    .hasSize(1);
        } finally {
            close(two);
        }
    }

    /** A lock that is held too long is no deadlock: as in H2 the statement fails, and the transaction goes on. */
    @Test
    void aLockTimeoutEndsTheStatementAlone() throws SQLException {
        List<Client> clients = open(2);
        try {
            clients.get(1).execute("SET LOCK_TIMEOUT 100");
            clients.get(0).update(WRITE, KEYS.get(0).get(0));
            clients.get(1).update(WRITE, KEYS.get(1).get(0));
            clients.get(1).update(WRITE, KEYS.get(2).get(0));
            String refused = Refusal.expect(
                    "HYT00", () -> clients.get(1).update(WRITE, KEYS.get(0).get(0)));
            assertThat(refused).contains("Timeout");
            clients.get(0).commit();
            clients.get(1).update(WRITE, KEYS.get(0).get(0));
            clients.get(1).commit();
            try (Client reader = cluster.at(0)) {
                assertThat(reader.number(SUM)).isEqualTo(4);
            }
        } finally {
            close(clients);
        }
    }

    /** Statements that are transactions of their own are run again, so their callers see nothing of it. */
    @Test
    void statementsOverAllShardsAllSucceedInAutocommit() throws Exception {
        int turns = 8;
        List<CompletableFuture<String>> futures = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            futures.add(CompletableFuture.supplyAsync(() -> everything(turns), THREADS));
        }
        assertThat(ends(futures)).containsOnly("done");
        try (Client reader = cluster.at(0)) {
            assertThat(reader.number(SUM)).isEqualTo(4L * turns * ROWS);
        }
    }

    private static String everything(int turns) {
        try (Client client = cluster.at(0, "consistencyTimeout=60000")) {
            client.execute(ANY_TIME);
            for (int turn = 0; turn < turns; turn++) {
                client.update("UPDATE T SET V = V + 1");
            }
            return "done";
        } catch (SQLException e) {
            return e.toString();
        }
    }

    @Test
    void randomTransactionsEndWithoutALockTimeout() throws Exception {
        long seed = System.nanoTime();
        List<CompletableFuture<String>> futures = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Random random = new Random(seed + i);
            futures.add(CompletableFuture.supplyAsync(() -> transactions(random, 25), THREADS));
        }
        long done = 0;
        for (String end : ends(futures)) {
            assertThat(end).as("seed %d", seed).matches("[0-9]+");
            done += Long.parseLong(end);
        }
        try (Client reader = cluster.at(0)) {
            assertThat(reader.number(SUM)).as("seed %d", seed).isEqualTo(done);
        }
    }

    /** How much it added to rows; or what went wrong. */
    private static String transactions(Random random, int count) {
        long added = 0;
        try (Client client = cluster.at(0)) {
            client.execute(ANY_TIME);
            client.begin();
            for (int i = 0; i < count; i++) {
                try {
                    int steps = 0;
                    for (int step = 0; step < 4; step++) {
                        steps += step(client, random);
                    }
                    client.commit();
                    added += steps;
                } catch (SQLException e) {
                    client.rollback();
                    if (!"40001".equals(e.getSQLState())) {
                        return e.toString();
                    }
                }
            }
            return String.valueOf(added);
        } catch (SQLException e) {
            return e.toString();
        }
    }

    private static int step(Client client, Random random) throws SQLException {
        int row = random.nextInt(8);
        return switch (random.nextInt(10)) {
            case 8 ->
                client.update(
                        "MERGE INTO T USING (SELECT CAST(? AS INT) K UNION SELECT CAST(? AS INT)) S ON T.ID = S.K"
                                + " WHEN MATCHED THEN UPDATE SET V = T.V + 1",
                        row,
                        (row + 3) % 8);
            case 9 ->
                client.update("UPDATE T SET V = V + (SELECT MIN(ID) FROM R) WHERE ID IN (SELECT ? + ID FROM R)", row);
            case 0 -> {
                client.number("SELECT V FROM T WHERE ID = ? FOR UPDATE", row);
                yield 0;
            }
            case 1 -> client.update("UPDATE T SET V = V + 1 WHERE ID IN (?, ?, ?)", row, (row + 3) % 8, (row + 5) % 8);
            case 2 -> client.update("UPDATE R SET V = V + 1") - 1;
            case 3 -> client.update("UPDATE T SET V = V + 1 WHERE ID BETWEEN ? AND ? + 2", row, row);
            default -> client.update(WRITE, row);
        };
    }
}
