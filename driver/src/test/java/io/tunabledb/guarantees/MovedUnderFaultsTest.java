package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * ALTER TABLE … SHARD BY again and again, while the leaders of shards are cut off, money is moved and rows come in: nothing is
 * lost or there twice, and nobody sees half of a move. For longer: {@code -Dmoved.seconds=N}.
 */
class MovedUnderFaultsTest {
    private static final long SECONDS = Long.getLong("moved.seconds", 2);
    private static final int ACCOUNTS = 40;
    private static final int EACH = 10;
    private static final String[] WAYS = {"SHARD BY (ID)", "REFERENCE", "UNSHARDED"};
    private static final String WHOLE = "SELECT COUNT(*), SUM(N) FROM T WHERE N > 0 AND ID <= " + ACCOUNTS;

    private final AtomicLong moves = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong transfers = new AtomicLong();
    private final AtomicLong next = new AtomicLong(1000);
    /** Rows that were inserted, and whether that was acknowledged. */
    private final Map<Long, Boolean> inserted = new ConcurrentHashMap<>();

    @Test
    void nothingIsLostOrDoubledOrSeenHalf() throws Exception {
        long seed = Seeds.next();
        System.out.println("seed " + seed);
        // a transaction in a move's way, and an election, take no longer than they must
        try (Cluster cluster = Cluster.with(
                "shards=3&definitionGrace=100&electionTimeout=200",
                "CREATE TABLE T(ID INT PRIMARY KEY, N INT NOT NULL)",
                "INSERT INTO T SELECT X, " + EACH + " FROM SYSTEM_RANGE(1, " + ACCOUNTS + ")")) {
            try (Background load = new Background()) {
                Random random = new Random(seed);
                Random own = new Random(random.nextLong());
                load.repeat(cluster, 0, client -> transfer(client, own));
                load.repeat(cluster, 0, this::insert);
                load.repeat(cluster, 0, client -> look(client, "SNAPSHOT"));
                load.repeat(cluster, 2, client -> look(client, "LINEARIZABLE"));
                load.repeat(cluster, 3, client -> count(client, "EVENTUAL"));
                load.repeat(cluster, 0, client -> count(client, "SEQUENTIAL"));
                AtomicInteger turn = new AtomicInteger(random.nextInt(WAYS.length));
                load.repeat(cluster, 0, client -> move(client, WAYS[turn.getAndIncrement() % WAYS.length]));
                disturb(cluster.nodes(), new Random(random.nextLong()));
                Cluster.await("moves and transfers", () -> moves.get() > 1 && transfers.get() > 0);
            }
            cluster.healAndCompare();
            System.out.printf(
                    "moves %d, reads %d, transfers %d, rows %d%n",
                    moves.get(), reads.get(), transfers.get(), inserted.size());
            assertThat(reads).hasPositiveValue();
            try (Client client = cluster.at(0)) {
                assertWhole(client);
                // nothing of a move is left in anybody's way
                client.execute("ALTER TABLE T SHARD BY (ID)");
                client.execute("ALTER TABLE T UNSHARDED");
                assertWhole(client);
            }
        }
    }

    private void assertWhole(Client client) throws SQLException {
        assertThat(client.number("SELECT SUM(N) FROM T WITH CONSISTENCY LINEARIZABLE"))
                .isEqualTo(ACCOUNTS * EACH);
        List<Long> ids = new ArrayList<>();
        try (var statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID FROM T WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        Set<Long> acknowledged =
                LongStream.rangeClosed(1, ACCOUNTS).boxed().collect(Collectors.toCollection(HashSet::new));
        Set<Long> possible = new HashSet<>(acknowledged);
        inserted.forEach((id, isCertain) -> (isCertain ? acknowledged : possible).add(id));
        possible.addAll(acknowledged);
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(Set.copyOf(ids)).containsAll(acknowledged);
        assertThat(possible).as("refused rows are not there").containsAll(ids);
        // where the plan looks for it
        for (int id = 1; id <= ACCOUNTS; id++) {
            assertThat(client.number("SELECT COUNT(*) FROM T WHERE ID = ?", id)).isEqualTo(1);
        }
    }

    private void move(Client client, String way) throws SQLException {
        try {
            client.execute("ALTER TABLE T " + way);
            moves.incrementAndGet();
        } catch (SQLException e) {
            requireRefusalOrDoubt(e);
        }
    }

    private void transfer(Client teller, Random random) throws SQLException {
        int from = 1 + random.nextInt(ACCOUNTS);
        int to = 1 + (from + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        try {
            teller.begin();
            // each keeps something, so that all of them are counted
            if (teller.update("UPDATE T SET N = N - 1 WHERE ID = ? AND N > 1", from) == 1) {
                assertThat(teller.update("UPDATE T SET N = N + 1 WHERE ID = ?", to))
                        .isEqualTo(1);
            }
            teller.commit();
            transfers.incrementAndGet();
        } catch (SQLException e) {
            requireRefusalOrDoubt(e);
            teller.rollback();
        }
    }

    private void insert(Client client) throws SQLException {
        long id = next.incrementAndGet();
        try {
            client.update("INSERT INTO T VALUES (?, 0)", id);
            inserted.put(id, true);
        } catch (SQLException e) {
            requireRefusalOrDoubt(e);
            if (Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                inserted.put(id, false);
            }
        }
    }

    /** At a level that promises one state of all shards. */
    private void look(Client client, String level) throws SQLException {
        try (var statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery(WHOLE + " WITH CONSISTENCY " + level)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).as(level).isEqualTo(ACCOUNTS);
            assertThat(rows.getInt(2)).as(level).isEqualTo(ACCOUNTS * EACH);
            reads.incrementAndGet();
        } catch (SQLException e) {
            requireRefusalOrDoubt(e);
        }
    }

    /** At any other: shard by shard, but each row once. */
    private void count(Client client, String level) throws SQLException {
        try {
            assertThat(client.number(WHOLE + " WITH CONSISTENCY " + level))
                    .as(level)
                    .isEqualTo(ACCOUNTS);
            reads.incrementAndGet();
            // others have something to do, too
            LockSupport.parkNanos(200_000);
        } catch (SQLException e) {
            requireRefusalOrDoubt(e);
        }
    }

    private static void requireRefusalOrDoubt(SQLException e) throws SQLException {
        if (!Refusal.CERTAIN.contains(e.getSQLState()) && !Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
            throw e;
        }
    }

    private static void disturb(EmbeddedCluster nodes, Random random) {
        long until = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (System.nanoTime() < until) {
            LockSupport.parkNanos((300 + random.nextInt(700)) * 1_000_000L);
            int victim = nodes.leader(random.nextInt(3));
            if (victim != 0) {
                nodes.isolate(victim);
                LockSupport.parkNanos(random.nextInt(500) * 1_000_000L);
                nodes.heal();
            }
        }
    }
}
