package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * A bank whose accounts are in four shards: transfers between any two, while leaders are cut off and killed. Whoever asks
 * for one state of all shards sees all the money, every time; whoever does not sees some of it in two places.
 */
class ShardedBankTest {
    private static final int ACCOUNTS = 24;
    private static final int EACH = 100;
    private static final long SECONDS = Long.getLong("sharded.seconds", 6);
    private static final String SUM = "SELECT SUM(BALANCE) FROM ACCOUNT WITH CONSISTENCY ";

    private final AtomicInteger ids = new AtomicInteger();
    /** What became of each transfer. */
    private final Map<Integer, End> ends = new ConcurrentHashMap<>();

    private final AtomicLong exact = new AtomicLong();
    private final AtomicLong torn = new AtomicLong();

    private enum End {
        DONE,
        UNDONE,
        UNKNOWN
    }

    @Test
    void moneyIsNeitherLostNorSeenTwice() throws SQLException, IOException {
        long seed = Seeds.next();
        System.out.println("seed " + seed);
        try (Cluster cluster = Cluster.sharded(
                4,
                "CREATE TABLE ACCOUNT(ID INT PRIMARY KEY, BALANCE INT NOT NULL) SHARD BY (ID)",
                "CREATE TABLE TRANSFER(ID INT PRIMARY KEY) SHARD BY (ID)")) {
            for (int account = 0; account < ACCOUNTS; account++) {
                cluster.run("INSERT INTO ACCOUNT VALUES (" + account + ", " + EACH + ")");
            }
            try (Background load = new Background()) {
                for (int thread = 0; thread < 3; thread++) {
                    Random random = new Random(seed + thread);
                    load.repeat(cluster, 0, client -> transfer(client, random));
                }
                load.repeat(cluster, 0, client -> requireExact(client, "SNAPSHOT"));
                load.repeat(cluster, 0, client -> requireExact(client, "LINEARIZABLE"));
                load.repeat(cluster, 0, client -> sumOfTransaction(client));
                load.repeat(cluster, 0, this::lookForTorn);
                disturb(cluster, new Random(seed));
            }
            assertThat(cluster.nodes().rebuilds())
                    .as("replicas that broke, where nodes were only killed")
                    .isZero();
            cluster.healAndCompare();
            try (Client client = cluster.at(0)) {
                Cluster.await("nothing in doubt", () -> {
                    try {
                        return client.number("SELECT COUNT(*) FROM TUNABLE.TRANSACTIONS") == 0
                                && client.number(SUM + "LINEARIZABLE") == ACCOUNTS * EACH;
                    } catch (SQLException e) {
                        return false;
                    }
                });
                assertEachTransferIsWhole(client);
            }
            System.out.printf(
                    "sums at one cut %d, all exact; wrong at EVENTUAL %d; transfers %d, done %d%n",
                    exact.get(),
                    torn.get(),
                    ends.size(),
                    ends.values().stream().filter(End.DONE::equals).count());
            assertThat(exact).as("sums at one cut").hasPositiveValue();
            assertThat(torn)
                    .as("wrong sums at EVENTUAL, which promises no more")
                    .hasPositiveValue();
        }
    }

    private void transfer(Client client, Random random) throws SQLException {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        int id = ids.incrementAndGet();
        End end = End.UNDONE;
        try {
            client.begin();
            client.update("INSERT INTO TRANSFER VALUES (?)", id);
            client.update("UPDATE ACCOUNT SET BALANCE = BALANCE - 1 WHERE ID = ?", from);
            client.update("UPDATE ACCOUNT SET BALANCE = BALANCE + 1 WHERE ID = ?", to);
            end = End.UNKNOWN;
            client.commit();
            end = End.DONE;
        } catch (SQLException e) {
            if (Refusal.CERTAIN.contains(e.getSQLState())) {
                end = End.UNDONE;
            } else if (!Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                throw e;
            }
            client.rollback();
        } finally {
            ends.put(id, end);
        }
    }

    private void requireExact(Client client, String level) throws SQLException {
        try {
            assertThat(client.number(SUM + level)).as(level).isEqualTo(ACCOUNTS * EACH);
            exact.incrementAndGet();
        } catch (SQLException e) {
            requireRefusal(e);
        }
    }

    /** Statement by statement, shard by shard, in one read-only transaction. */
    private void sumOfTransaction(Client client) throws SQLException {
        try {
            client.connection().setReadOnly(true);
            client.begin();
            client.execute("SET TRANSACTION CONSISTENCY SNAPSHOT");
            long sum = 0;
            for (int account = 0; account < ACCOUNTS; account++) {
                sum += client.number("SELECT BALANCE FROM ACCOUNT WHERE ID = ?", account);
            }
            assertThat(sum).as("a SNAPSHOT transaction").isEqualTo(ACCOUNTS * EACH);
            exact.incrementAndGet();
        } catch (SQLException e) {
            requireRefusal(e);
        } finally {
            client.rollback();
        }
    }

    private void lookForTorn(Client client) throws SQLException {
        try {
            if (client.number(SUM + "EVENTUAL") != ACCOUNTS * EACH) {
                torn.incrementAndGet();
            }
        } catch (SQLException e) {
            requireRefusal(e);
        }
    }

    private static void requireRefusal(SQLException e) throws SQLException {
        if (!Refusal.CERTAIN.contains(e.getSQLState())) {
            throw e;
        }
    }

    private static void disturb(Cluster cluster, Random random) throws IOException {
        EmbeddedCluster nodes = cluster.nodes();
        long until = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(400_000_000L);
            int victim = nodes.leader(random.nextInt(4));
            if (victim == 0) {
                continue;
            }
            if (random.nextInt(3) == 0) {
                nodes.kill(victim);
                LockSupport.parkNanos(600_000_000L);
                nodes.restart(victim);
            } else {
                nodes.isolate(victim);
                LockSupport.parkNanos(random.nextInt(1_200) * 1_000_000L);
                nodes.heal();
            }
        }
    }

    private void assertEachTransferIsWhole(Client client) throws SQLException {
        List<Integer> found = new ArrayList<>();
        try (var statement = client.connection().createStatement();
                var rows = statement.executeQuery("SELECT ID FROM TRANSFER WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                found.add(rows.getInt(1));
            }
        }
        assertThat(found).doesNotHaveDuplicates();
        ends.forEach((id, end) -> {
            if (end != End.UNKNOWN) {
                assertThat(found.contains(id)).as("transfer %d, %s", id, end).isEqualTo(end == End.DONE);
            }
        });
        assertThat(ends.values()).as("transfers").contains(End.DONE);
    }
}
