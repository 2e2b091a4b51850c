package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Writes take effect exactly once, or not at all, while leaders are cut off and killed. */
class ExactlyOnceTest {
    private static final int LOSSES = Integer.getInteger("leader.losses", 3);

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(1);

    private static void requireRetryable(SQLException e) throws SQLException {
        if (!Refusal.CERTAIN.contains(e.getSQLState())) {
            throw e;
        }
    }

    /** Takes the leader away again and again, by a cut or by a kill, and waits for the next one each time. */
    private static void loseLeaders(int times, Random random, AtomicLong progress) throws IOException {
        for (int i = 0; i < times; i++) {
            ReplicaStatus leader = cluster.replica(cluster.leader());
            boolean isKilled = random.nextBoolean();
            if (isKilled) {
                cluster.nodes().kill(leader.node());
            } else {
                cluster.nodes().isolate(leader.node());
            }
            cluster.leaderAfter(leader);
            long enough = progress.get() + 50;
            Cluster.await("writes to go on", () -> progress.get() >= enough);
            if (isKilled) {
                cluster.nodes().restart(leader.node());
            }
            cluster.nodes().heal();
        }
    }

    @Test
    void incrementsAreCountedOnceWhileLeadersAreCutOffAndKilled() throws Exception {
        cluster.run("CREATE TABLE COUNTER(ID INT PRIMARY KEY, N BIGINT NOT NULL)");
        cluster.run("INSERT INTO COUNTER VALUES (1, 0)");
        long seed = Seeds.next();
        AtomicLong acknowledged = new AtomicLong();
        AtomicLong unknown = new AtomicLong();
        Background increments = new Background();
        try (increments) {
            for (int home = 0; home <= 3; home++) {
                increments.repeat(cluster, home, client -> {
                    try {
                        if (client.update("UPDATE COUNTER SET N = N + 1 WHERE ID = 1") == 1) {
                            acknowledged.incrementAndGet();
                        }
                    } catch (SQLException e) {
                        if (Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                            unknown.incrementAndGet();
                        } else {
                            requireRetryable(e);
                        }
                    }
                });
            }
            loseLeaders(LOSSES, new Random(seed), acknowledged);
        }
        cluster.healAndCompare();
        try (Client client = cluster.at(0)) {
            long counted = client.number("SELECT N FROM COUNTER WITH CONSISTENCY LINEARIZABLE");
            System.out.println("counter " + counted + ", acknowledged " + acknowledged + ", unknown " + unknown);
            assertThat(counted)
                    .as("acknowledged %s, unknown %s, seed %d", acknowledged, unknown, seed)
                    .isBetween(acknowledged.get(), acknowledged.get() + unknown.get());
        }
    }

    @Test
    void generatedKeysNeverRepeatAcrossLeaders() throws Exception {
        cluster.run("CREATE SEQUENCE TICKET");
        cluster.run("CREATE TABLE NOTE(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, TICKET BIGINT)");
        long seed = Seeds.next();
        AtomicLong acknowledged = new AtomicLong();
        AtomicLong unknown = new AtomicLong();
        Background inserts = new Background();
        try (inserts) {
            for (int home = 0; home <= 1; home++) {
                inserts.repeat(cluster, home, client -> {
                    try {
                        // a key given twice is an error 23505 here, which fails the test
                        client.update("INSERT INTO NOTE(TICKET) VALUES (NEXT VALUE FOR TICKET)");
                        acknowledged.incrementAndGet();
                    } catch (SQLException e) {
                        if (Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                            unknown.incrementAndGet();
                        } else {
                            requireRetryable(e);
                        }
                    }
                });
            }
            loseLeaders(LOSSES, new Random(seed), acknowledged);
        }
        cluster.healAndCompare();
        try (Client client = cluster.at(0)) {
            long rows = client.number("SELECT COUNT(*) FROM NOTE WITH CONSISTENCY LINEARIZABLE");
            assertThat(rows).as("seed %d", seed).isBetween(acknowledged.get(), acknowledged.get() + unknown.get());
            assertThat(client.number("SELECT COUNT(DISTINCT TICKET) FROM NOTE"))
                    .as("seed %d", seed)
                    .isEqualTo(rows);
        }
    }

    @Test
    void schemaChangesUnderLoadReachEveryReplica() throws Exception {
        cluster.run("CREATE TABLE GROWING(ID INT PRIMARY KEY, N BIGINT NOT NULL)");
        cluster.run("INSERT INTO GROWING SELECT X, 0 FROM SYSTEM_RANGE(1, 50)");
        AtomicLong written = new AtomicLong();
        Random random = new Random(Seeds.next());
        Background load = new Background();
        try (load) {
            for (int home = 1; home <= 3; home++) {
                load.repeat(cluster, home, client -> {
                    try {
                        client.update("UPDATE GROWING SET N = N + 1 WHERE ID = ?", 1 + (int) (written.get() % 50));
                        written.incrementAndGet();
                        client.number("SELECT SUM(N) FROM GROWING WITH CONSISTENCY EVENTUAL");
                    } catch (SQLException e) {
                        requireRetryable(e);
                    }
                });
            }
            for (int i = 0; i < 6; i++) {
                cluster.run("ALTER TABLE GROWING ADD COLUMN C" + i + " INT DEFAULT " + random.nextInt(100));
                long enough = written.get() + 20;
                Cluster.await("writes to go on", () -> written.get() >= enough);
            }
        }
        cluster.healAndCompare();
        for (int home : cluster.all()) {
            try (Client client = cluster.at(home)) {
                client.number("SELECT COUNT(C5) FROM GROWING WITH CONSISTENCY EVENTUAL");
            }
        }
    }
}
