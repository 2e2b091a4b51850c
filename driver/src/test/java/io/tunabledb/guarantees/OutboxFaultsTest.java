package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** EVENTUAL writes are carried out once, whatever becomes of the nodes that accept them and of those that lead. */
class OutboxFaultsTest {
    private static final String CLICK = "UPDATE COUNTER SET N = N + 1 WHERE ID = 1 WITH CONSISTENCY EVENTUAL";

    @RegisterExtension
    static final Cluster cluster = Cluster.shared(1, "CREATE TABLE COUNTER(ID INT PRIMARY KEY, N BIGINT NOT NULL)");

    @BeforeEach
    void zero() throws SQLException {
        awaitCarriedOut();
        cluster.run("MERGE INTO COUNTER VALUES (1, 0)");
        cluster.awaitCaughtUp();
    }

    private static long counted() throws SQLException {
        awaitCarriedOut();
        try (Client client = cluster.at(0)) {
            return client.number("SELECT N FROM COUNTER WITH CONSISTENCY LINEARIZABLE");
        }
    }

    private static void awaitCarriedOut() {
        Cluster.await("the outboxes to be empty", Duration.ofSeconds(30), () -> {
            try (Client client = cluster.at(0)) {
                return client.number("SELECT COUNT(*) FROM TUNABLE.OUTBOX WHERE PENDING > 0 OR LAST_ERROR IS NOT NULL")
                        == 0;
            }
        });
    }

    @Test
    void aKilledNodeGoesOnWhereItStopped() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            cluster.nodes().isolate(node);
            for (int i = 0; i < 30; i++) {
                client.update(CLICK);
            }
            for (int kill = 0; kill < 2; kill++) {
                cluster.nodes().kill(node);
                cluster.nodes().restart(node);
                // it does not know how much of its log is committed, so its tables may not be there
                for (int i = 0; i < 30; i++) {
                    client.update(CLICK);
                }
            }
            cluster.nodes().heal();
            assertThat(counted()).isEqualTo(90);
        }
    }

    /** Its numbers begin anew: they must not be taken for those of before. */
    @Test
    void aWipedNodeHasAnotherOutbox() throws Exception {
        int node = cluster.follower();
        try (Client client = cluster.at(node)) {
            for (int i = 0; i < 30; i++) {
                client.update(CLICK);
            }
            assertThat(counted()).isEqualTo(30);
            cluster.nodes().kill(node);
            cluster.nodes().wipe(node);
            cluster.nodes().restart(node);
            for (int i = 0; i < 10; i++) {
                client.update(CLICK);
            }
            assertThat(counted()).isEqualTo(40);
            Cluster.await(
                    "the node to have its vote again",
                    () -> !cluster.replica(node).role().equals("REJOINING"));
        }
    }

    /** The leader does the work, and its answer is lost: the same writes come again, and again. */
    @Test
    void aLostAnswerIsNotASecondExecution() throws Exception {
        int leader = cluster.leader();
        int node = cluster.follower();
        try (Client client = cluster.at(node);
                Client other = cluster.at(leader)) {
            cluster.nodes().cutOneWay(leader, node);
            for (int i = 0; i < 100; i++) {
                client.update(CLICK);
            }
            Cluster.await(
                    "the leader to have them all",
                    () -> other.number("SELECT N FROM COUNTER WITH CONSISTENCY EVENTUAL") >= 100);
            assertThat(other.number("SELECT PENDING FROM TUNABLE.OUTBOX WHERE NODE = 'n" + node + "'"))
                    .isEqualTo(100);
            cluster.nodes().heal();
            assertThat(counted()).isEqualTo(100);
        }
    }

    @Test
    void clicksAreCountedOnceWhileNodesAreCutOffAndKilled() throws Exception {
        long seed = Seeds.next();
        Random random = new Random(seed);
        AtomicLong acknowledged = new AtomicLong();
        AtomicLong unknown = new AtomicLong();
        Background clicks = new Background();
        try (clicks) {
            for (int home = 1; home <= 3; home++) {
                clicks.repeat(cluster, home, client -> click(client, acknowledged, unknown));
            }
            for (int i = 0; i < 6; i++) {
                // leaders as often as others, by a kill, a cut, or a cut of one direction
                ReplicaStatus victim = cluster.replica(random.nextBoolean() ? cluster.leader() : 1 + random.nextInt(3));
                int other = 1 + victim.node() % 3;
                int kind = random.nextInt(3);
                if (kind == 0) {
                    cluster.nodes().kill(victim.node());
                } else if (kind == 1) {
                    cluster.nodes().isolate(victim.node());
                } else {
                    cluster.nodes().cutOneWay(victim.node(), other);
                }
                long enough = acknowledged.get() + 300;
                Cluster.await("clicks to go on", () -> acknowledged.get() >= enough);
                if (kind == 0) {
                    cluster.nodes().restart(victim.node());
                }
                cluster.nodes().heal();
            }
        }
        cluster.healAndCompare();
        assertThat(counted())
                .as("acknowledged %s, unknown %s, seed %d", acknowledged, unknown, seed)
                .isBetween(acknowledged.get(), acknowledged.get() + unknown.get());
    }

    private static void click(Client client, AtomicLong acknowledged, AtomicLong unknown) throws SQLException {
        try {
            client.update(CLICK);
            acknowledged.incrementAndGet();
        } catch (SQLException e) {
            if (Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                unknown.incrementAndGet();
            } else if (!Refusal.CERTAIN.contains(e.getSQLState())) {
                throw e;
            }
        }
    }
}
