package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Whoever sees an effect sees its cause, whichever shards they are in: a number goes into one shard first, and from there to
 * others, by somebody who was told that it is in, by somebody who has read it, and by the session that has seen it. One
 * state of all shards never has it in a later place only.
 */
class CausalCutTest {
    private static final long SECONDS = Long.getLong("causal.seconds", 3);
    private static final int CAUSE = 0;
    private static final int TOLD = 1;
    private static final int READ = 2;
    private static final int SEEN = 3;

    private final AtomicLong exact = new AtomicLong();
    private final AtomicLong torn = new AtomicLong();
    private final AtomicLong effects = new AtomicLong();
    private final AtomicLong next = new AtomicLong();

    @Test
    void noCutHasAnEffectWithoutItsCause() throws Exception {
        long seed = Seeds.next();
        System.out.println("seed " + seed);
        // in four shards these four keys are in four places
        try (Cluster cluster = Cluster.sharded(
                4, "CREATE TABLE STEP(ID INT PRIMARY KEY, PLACE INT NOT NULL, N BIGINT) SHARD BY (ID)")) {
            int[] keys = keysOfFourShards(cluster);
            for (int place = 0; place < keys.length; place++) {
                cluster.run("INSERT INTO STEP VALUES (" + keys[place] + ", " + place + ", 0)");
            }
            try (Client teller = cluster.at(0);
                    Client writer = cluster.at(0);
                    Background load = new Background()) {
                load.repeat(cluster, 0, client -> tell(client, teller, keys));
                load.repeat(cluster, 0, client -> readAndWrite(client, writer, keys));
                load.repeat(cluster, 0, client -> seeAndWrite(client, keys));
                load.repeat(cluster, 1, client -> look(client, "SNAPSHOT"));
                load.repeat(cluster, 2, client -> look(client, "LINEARIZABLE"));
                load.repeat(cluster, 0, client -> look(client, "EVENTUAL"));
                disturb(cluster.nodes(), new Random(seed));
            }
            cluster.healAndCompare();
            System.out.printf(
                    "cuts %d, without a cause at EVENTUAL %d, effects %d%n", exact.get(), torn.get(), effects.get());
            assertThat(exact).hasPositiveValue();
            assertThat(effects).hasPositiveValue();
            assertThat(torn)
                    .as("effects without causes at EVENTUAL, which promises no more")
                    .hasPositiveValue();
        }
    }

    /** The first keys that lie in shards 0 to 3, in another order than places are written in. */
    private static int[] keysOfFourShards(Cluster cluster) throws SQLException {
        int[] keys = new int[4];
        boolean[] found = new boolean[4];
        try (Client client = cluster.at(0)) {
            for (int key = 1; !(found[0] && found[1] && found[2] && found[3]); key++) {
                client.number("SELECT COUNT(*) FROM STEP WHERE ID = ? WITH CONSISTENCY SEQUENTIAL", key);
                int shard = client.receipt().served().get(0).shard();
                int place = (shard + 2) % 4;
                keys[place] = found[place] ? keys[place] : key;
                found[place] = true;
            }
        }
        return keys;
    }

    private void tell(Client first, Client second, int[] keys) throws SQLException {
        long n = next.incrementAndGet();
        while (!put(first, keys[CAUSE], n)) {
            // nobody is told before it is certainly in
            LockSupport.parkNanos(1_000_000);
        }
        put(second, keys[TOLD], n);
    }

    private void readAndWrite(Client reader, Client writer, int[] keys) throws SQLException {
        try {
            long n = reader.number("SELECT N FROM STEP WHERE ID = ? WITH CONSISTENCY LINEARIZABLE", keys[CAUSE]);
            put(writer, keys[READ], n);
        } catch (SQLException e) {
            requireRefusal(e);
        }
    }

    private void seeAndWrite(Client client, int[] keys) throws SQLException {
        try {
            long n = client.number("SELECT N FROM STEP WHERE ID = ? WITH CONSISTENCY EVENTUAL", keys[CAUSE]);
            put(client, keys[SEEN], n);
        } catch (SQLException e) {
            requireRefusal(e);
        }
    }

    /** Whether it certainly is in. It only grows, so one that was in doubt may be repeated. */
    private boolean put(Client client, int key, long n) throws SQLException {
        try {
            client.update("UPDATE STEP SET N = ? WHERE ID = ? AND N < ?", n, key, n);
            effects.incrementAndGet();
            return true;
        } catch (SQLException e) {
            if (!Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                requireRefusal(e);
            }
            return false;
        }
    }

    private void look(Client client, String level) throws SQLException {
        long[] n = new long[4];
        try (Statement statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT PLACE, N FROM STEP WITH CONSISTENCY " + level)) {
            while (rows.next()) {
                n[rows.getInt(1)] = rows.getLong(2);
            }
        } catch (SQLException e) {
            requireRefusal(e);
            return;
        }
        boolean isCausal = n[TOLD] <= n[CAUSE] && n[READ] <= n[CAUSE] && n[SEEN] <= n[CAUSE];
        if (level.equals("EVENTUAL")) {
            torn.addAndGet(isCausal ? 0 : 1);
            return;
        }
        assertThat(isCausal)
                .as("%s: cause %d, told %d, read %d, seen %d", level, n[CAUSE], n[TOLD], n[READ], n[SEEN])
                .isTrue();
        exact.incrementAndGet();
    }

    private static void requireRefusal(SQLException e) throws SQLException {
        if (!Refusal.CERTAIN.contains(e.getSQLState())) {
            throw e;
        }
    }

    private static void disturb(EmbeddedCluster nodes, Random random) {
        long until = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(900_000_000L);
            int victim = nodes.leader(random.nextInt(4));
            if (victim != 0) {
                nodes.isolate(victim);
                LockSupport.parkNanos(random.nextInt(500) * 1_000_000L);
                nodes.heal();
            }
        }
    }
}
