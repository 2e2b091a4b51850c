package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions above READ COMMITTED over shards: they see one state of all shards, and who commits first wins. Single
 * anomalies are in {@link AnomaliesTest}; here the same histories run on plain H2, and under load while leaders change.
 */
class SnapshotIsolationTest {
    private static final int ROWS = 10;
    /** H2's own, beside JDBC's. */
    private static final int SNAPSHOT = 6;

    /** One transaction after the other, step by step: none ever waits for another's lock. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                Connection.TRANSACTION_SERIALIZABLE,
                SNAPSHOT,
                Connection.TRANSACTION_REPEATABLE_READ,
                Connection.TRANSACTION_READ_COMMITTED
            })
    void randomHistoriesEndAsOnPlainH2(int isolation) throws SQLException {
        compare(isolation, 25);
    }

    @Test
    @Tag("campaign")
    void manyRandomHistoriesEndAsOnPlainH2() throws SQLException {
        compare(Connection.TRANSACTION_SERIALIZABLE, 3_000);
    }

    private static void compare(int isolation, int histories) throws SQLException {
        String table = "CREATE TABLE T(ID INT PRIMARY KEY, V INT)";
        try (Connection plain = DriverManager.getConnection("jdbc:h2:mem:histories" + isolation);
                Cluster one = Cluster.sharded(1, table);
                Cluster four = Cluster.sharded(4, table + " SHARD BY (ID)")) {
            try (Statement statement = plain.createStatement()) {
                statement.execute(table);
            }
            for (int i = 0; i < histories; i++) {
                long seed = Seeds.next();
                List<String> steps = steps(new Random(seed));
                List<String> expected = run("jdbc:h2:mem:histories" + isolation, isolation, steps);
                assertThat(run(one.url(), isolation, steps))
                        .as("one shard, seed %d", seed)
                        .isEqualTo(expected);
                if (isolation == Connection.TRANSACTION_REPEATABLE_READ) {
                    // H2 fixes a table when it is first read; over shards all of them are fixed at the beginning
                    expected = run("jdbc:h2:mem:histories" + isolation, SNAPSHOT, steps);
                }
                assertThat(run(four.url(), isolation, steps))
                        .as("four shards, seed %d", seed)
                        .isEqualTo(expected);
            }
        }
    }

    /** The number of a client and what it does. A row that another's open transaction may have locked is left alone. */
    private static List<String> steps(Random random) {
        List<String> steps = new ArrayList<>();
        Map<Integer, Set<Integer>> locked = new HashMap<>();
        for (int i = 0; i < 24; i++) {
            int client = random.nextInt(3);
            int row = random.nextInt(ROWS);
            Set<Integer> others = new HashSet<>();
            locked.forEach((other, rows) -> others.addAll(other == client ? Set.of() : rows));
            String step = switch (random.nextInt(others.isEmpty() ? 9 : 8)) {
                case 0 -> "SELECT SUM(V), COUNT(*), MAX(V) FROM T";
                case 1 -> "SELECT A.ID, B.V FROM T A JOIN T B ON B.ID = A.V WHERE A.ID < 6 ORDER BY A.ID";
                case 2 -> random.nextInt(5) > 0 ? "COMMIT" : "ROLLBACK";
                case 3 -> "SELECT V FROM T WHERE ID = " + row;
                case 4 -> "DELETE FROM T WHERE ID = " + row;
                case 5 -> "MERGE INTO T KEY (ID) VALUES (" + row + ", " + random.nextInt(ROWS) + ")";
                case 8 -> "UPDATE T SET V = V + 1 WHERE V < 5";
                default -> "UPDATE T SET V = V + 1 WHERE ID = " + row;
            };
            boolean isChange = !step.startsWith("SELECT") && !step.equals("COMMIT") && !step.equals("ROLLBACK");
            Set<Integer> own = locked.computeIfAbsent(client, any -> new HashSet<>());
            if (isChange && step.contains("V < 5")) {
                for (int each = 0; each < ROWS; each++) {
                    own.add(each);
                }
            } else if (isChange && others.contains(row)) {
                step = "SELECT V FROM T WHERE ID = " + row;
            } else if (isChange) {
                own.add(row);
            } else if (!step.startsWith("SELECT")) {
                own.clear();
            }
            steps.add(client + step);
        }
        return steps;
    }

    /** What each step gave: rows, a count, or the SQLSTATE; who fails rolls back. */
    private static List<String> run(String url, int isolation, List<String> steps) throws SQLException {
        List<String> results = new ArrayList<>();
        List<Connection> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                Connection client = DriverManager.getConnection(url);
                clients.add(client);
                if (i == 0) {
                    try (Statement statement = client.createStatement()) {
                        statement.execute("DELETE FROM T");
                        statement.execute("INSERT INTO T SELECT X, X FROM SYSTEM_RANGE(0, " + (ROWS - 2) + ")");
                    }
                }
                client.setTransactionIsolation(isolation);
                client.setAutoCommit(false);
            }
            for (String step : steps) {
                results.add(step + " -> " + take(clients.get(step.charAt(0) - '0'), step.substring(1)));
            }
            for (Connection client : clients) {
                client.rollback();
            }
            results.add(take(clients.get(0), "SELECT * FROM T ORDER BY ID"));
            return results;
        } finally {
            for (Connection client : clients) {
                client.close();
            }
        }
    }

    private static String take(Connection client, String step) throws SQLException {
        try (Statement statement = client.createStatement()) {
            if (step.equals("COMMIT")) {
                client.commit();
                return "";
            }
            if (step.equals("ROLLBACK")) {
                client.rollback();
                return "";
            }
            if (!statement.execute(step)) {
                return String.valueOf(statement.getUpdateCount());
            }
            StringBuilder rows = new StringBuilder();
            try (ResultSet found = statement.getResultSet()) {
                int columns = found.getMetaData().getColumnCount();
                while (found.next()) {
                    for (int column = 1; column <= columns; column++) {
                        rows.append(found.getString(column)).append(column == columns ? ';' : ',');
                    }
                }
            }
            return rows.toString();
        } catch (SQLException e) {
            client.rollback();
            return e.getSQLState();
        }
    }

    // ---- under load, while leaders change ----

    private static final String[] TABLES = {
        "CREATE TABLE ACCOUNT(ID INT PRIMARY KEY, V INT NOT NULL) SHARD BY (ID)",
        "CREATE TABLE COUNTER(ID INT PRIMARY KEY, V INT NOT NULL) SHARD BY (ID)",
        "INSERT INTO ACCOUNT SELECT X, 100 FROM SYSTEM_RANGE(1, " + ROWS + ")",
        "INSERT INTO COUNTER SELECT X, 0 FROM SYSTEM_RANGE(1, 4)"
    };

    private static final Duration LONG = Duration.ofSeconds(60);

    private final AtomicLong sums = new AtomicLong();
    private final AtomicLong certain = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();

    @Test
    void readersSeeOneStateAndNoUpdateIsLostWhenALeaderChanges() throws SQLException, IOException {
        run(1);
    }

    @Test
    @Tag("campaign")
    void readersSeeOneStateAndNoUpdateIsLostWhileLeadersChange() throws SQLException, IOException {
        run(20);
    }

    private void run(int faults) throws SQLException, IOException {
        long seed = Seeds.next();
        try (Cluster cluster = Cluster.sharded(4, TABLES)) {
            try (Background load = new Background()) {
                for (int i = 0; i < 2; i++) {
                    Random random = new Random(seed + i);
                    load.repeat(cluster, 0, client -> transfer(client, random));
                    load.repeat(cluster, 0, client -> increment(client, random));
                }
                load.repeat(cluster, 0, client -> sum(client, false));
                load.repeat(cluster, 0, client -> sum(client, true));
                for (int turn = 0; turn < faults; turn++) {
                    loseALeader(cluster, turn % 4);
                }
            }
            cluster.healAndCompare();
            try (Client client = cluster.at(0)) {
                Cluster.await("nothing in doubt", () -> {
                    try {
                        return client.look("SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS") == 0;
                    } catch (SQLException e) {
                        return false;
                    }
                });
                assertThat(client.number("SELECT SUM(V) FROM ACCOUNT WITH CONSISTENCY LINEARIZABLE"))
                        .isEqualTo(100L * ROWS);
                assertThat(client.number("SELECT SUM(V) FROM COUNTER WITH CONSISTENCY LINEARIZABLE"))
                        .as("seed %d: increments that were acknowledged, and those of unknown outcome", seed)
                        .isBetween(certain.get(), certain.get() + unknown.get());
            }
        }
    }

    /** Each fault is followed by progress of everybody: how long that takes is the machine's affair. */
    private void loseALeader(Cluster cluster, int shard) {
        EmbeddedCluster nodes = cluster.nodes();
        awaitProgress();
        Cluster.await("a leader of shard " + shard, LONG, () -> nodes.leader(shard) != 0);
        int victim = nodes.leader(shard);
        nodes.isolate(victim);
        try {
            Cluster.await("another leader", LONG, () -> nodes.leader(shard) != 0 && nodes.leader(shard) != victim);
            awaitProgress();
        } finally {
            nodes.heal();
        }
    }

    private void awaitProgress() {
        long read = sums.get();
        long written = certain.get();
        Cluster.await("transactions to go on", LONG, () -> sums.get() > read + 1 && certain.get() > written + 3);
    }

    private static void begin(Client client) throws SQLException {
        client.connection().setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        client.begin();
    }

    private void transfer(Client client, Random random) throws SQLException {
        int from = 1 + random.nextInt(ROWS);
        int to = 1 + random.nextInt(ROWS);
        attempt(client, () -> {
            begin(client);
            client.update("UPDATE ACCOUNT SET V = V - 1 WHERE ID = ?", from);
            client.update("UPDATE ACCOUNT SET V = V + 1 WHERE ID = ?", to);
        });
    }

    private void increment(Client client, Random random) throws SQLException {
        int row = 1 + random.nextInt(4);
        String end = attempt(client, () -> {
            begin(client);
            // the read is in one shard, the transaction in two
            long before = client.number("SELECT V FROM COUNTER WHERE ID = ?", row);
            client.update("UPDATE ACCOUNT SET V = V WHERE ID = ?", row + 1);
            client.update("UPDATE COUNTER SET V = ? WHERE ID = ?", before + 1, row);
        });
        if (end.isEmpty()) {
            certain.incrementAndGet();
        } else if (end.equals(Refusal.OUTCOME_UNKNOWN)) {
            unknown.incrementAndGet();
        }
    }

    /** Row by row, or partly in one statement over all shards. */
    private void sum(Client client, boolean isReadOnly) throws SQLException {
        AtomicLong sum = new AtomicLong();
        AtomicLong together = new AtomicLong();
        String end = attempt(client, () -> {
            client.connection().setReadOnly(isReadOnly);
            begin(client);
            for (int row = 1; row <= ROWS; row++) {
                sum.addAndGet(client.number("SELECT V FROM ACCOUNT WHERE ID = ?", row));
            }
            together.set(client.number("SELECT SUM(V) FROM ACCOUNT"));
        });
        if (end.isEmpty()) {
            assertThat(sum).as("read-only %s, row by row", isReadOnly).hasValue(100L * ROWS);
            assertThat(together)
                    .as("read-only %s, in one statement", isReadOnly)
                    .hasValue(100L * ROWS);
            sums.incrementAndGet();
        }
    }

    private interface Work {
        void run() throws SQLException;
    }

    /** The SQLSTATE it was refused with; empty when it was committed. */
    private static String attempt(Client client, Work work) throws SQLException {
        try {
            work.run();
            client.commit();
            return "";
        } catch (SQLException e) {
            client.rollback();
            if (!Refusal.CERTAIN.contains(e.getSQLState()) && !Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                throw e;
            }
            return e.getSQLState();
        }
    }
}
