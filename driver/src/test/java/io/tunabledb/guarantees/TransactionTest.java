package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Explicit transactions, what they show to others, and what becomes of them when their leader is lost. */
class TransactionTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1 WITH CONSISTENCY ";
    private static final String WRITE = "UPDATE T SET V = ? WHERE ID = ?";

    @RegisterExtension
    static final Cluster cluster =
            Cluster.shared(1, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0), (2, 0)");

    @BeforeEach
    void reset() throws SQLException {
        cluster.run("UPDATE T SET V = 0");
        cluster.awaitCaughtUp();
    }

    // ---- READ_UNCOMMITTED ----

    @Test
    void readUncommittedSeesAnotherSessionsOpenTransaction() throws SQLException {
        try (Client writer = cluster.at(0);
                Client reader = cluster.at(cluster.follower())) {
            writer.begin();
            writer.update(WRITE, 7, 1);
            assertThat(reader.number(READ + "READ_UNCOMMITTED")).isEqualTo(7);
            assertThat(reader.servedBy()).isEqualTo(cluster.leader());
            writer.rollback();
            assertThat(reader.number(READ + "READ_UNCOMMITTED")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EVENTUAL",
                "BOUNDED_STALENESS (1 SECOND)",
                "MONOTONIC_READ",
                "READ_YOUR_WRITE",
                "SNAPSHOT",
                "SEQUENTIAL",
                "LINEARIZABLE"
            })
    void noOtherLevelDoes(String level) throws SQLException {
        try (Client writer = cluster.at(0);
                Client reader = cluster.at(cluster.leader())) {
            writer.begin();
            writer.update(WRITE, 7, 1);
            assertThat(reader.number(READ + level)).isZero();
            writer.rollback();
        }
    }

    // ---- the leader is lost ----

    @Test
    void aTransactionWhoseLeaderIsCutOffGets40001AndLeavesNothing() throws SQLException {
        ReplicaStatus leader = cluster.replica(cluster.leader());
        try (Client client = cluster.at(0)) {
            client.begin();
            client.update(WRITE, 7, 1);
            cluster.nodes().isolate(leader.node());
            cluster.leaderAfter(leader);
            Cluster.await(
                    "the old leader to step down",
                    () -> !cluster.replica(leader.node()).role().equals("LEADER"));
            Refusal.expect("40001", () -> {
                client.update(WRITE, 7, 2);
                client.commit();
            });
            client.rollback();
            assertThat(client.number("SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE"))
                    .isZero();
            client.update(WRITE, 7, 2);
            client.commit();
            assertThat(client.number("SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE"))
                    .isEqualTo(7);
        }
    }

    /** Nobody validates the two together, and the first alone is all that a majority has confirmed. */
    @ParameterizedTest
    @ValueSource(strings = {"SELECT V FROM T WHERE ID = 2", "UPDATE T SET V = 7 WHERE ID = 2"})
    void aLinearizableReadBesideAnUnreachableLeaderAllowsNoSecondStatement(String second) throws SQLException {
        int leader = cluster.leader();
        int home = cluster.follower();
        try (Client client = cluster.at(home)) {
            cluster.nodes().cut(home, leader);
            client.begin();
            client.execute("SET TRANSACTION CONSISTENCY LINEARIZABLE");
            assertThat(client.number("SELECT V FROM T WHERE ID = 1")).isZero();
            assertThat(client.servedBy()).isEqualTo(Cluster.third(home, leader));
            Refusal.expect("40001", () -> client.execute(second));
            client.rollback();

            client.execute("SET TRANSACTION CONSISTENCY LINEARIZABLE");
            assertThat(client.number("SELECT V FROM T WHERE ID = 1")).isZero();
            client.commit();

            cluster.nodes().heal();
            client.execute("SET TRANSACTION CONSISTENCY LINEARIZABLE");
            assertThat(client.number("SELECT V FROM T WHERE ID = 1")).isZero();
            client.execute(second);
            client.commit();
        }
    }

    @Test
    void aTransactionWhoseLeaderIsKilledGets40001AndLeavesNothing() throws SQLException {
        ReplicaStatus leader = cluster.replica(cluster.leader());
        try (Client client = cluster.at(0)) {
            client.begin();
            client.update(WRITE, 7, 1);
            cluster.nodes().kill(leader.node());
            cluster.leaderAfter(leader);
            Refusal.expect("40001", () -> {
                client.update(WRITE, 7, 2);
                client.commit();
            });
            client.rollback();
            assertThat(client.number("SELECT SUM(V) FROM T WITH CONSISTENCY LINEARIZABLE"))
                    .isZero();
        }
    }

    @Test
    void theLocksOfADeposedLeadersTransactionDoNotHoldUpApply() throws SQLException {
        ReplicaStatus leader = cluster.replica(cluster.leader());
        try (Client old = cluster.at(leader.node());
                Client other = cluster.at(cluster.follower())) {
            old.begin();
            old.update(WRITE, 7, 1);
            cluster.nodes().isolate(leader.node());
            cluster.leaderAfter(leader);
            Cluster.await("the same row to be written elsewhere", () -> {
                try {
                    return other.update(WRITE, 8, 1) == 1;
                } catch (SQLException e) {
                    assertThat(Refusal.CERTAIN).as(e.getMessage()).contains(e.getSQLState());
                    return false;
                }
            });
            cluster.nodes().heal();
            cluster.awaitCaughtUp();
            try (Client beside = cluster.at(leader.node())) {
                assertThat(beside.number(READ + "EVENTUAL")).isEqualTo(8);
            }
            Refusal.expect("40001", old::commit);
            assertThat(old.number(READ + "LINEARIZABLE")).isEqualTo(8);
        }
    }

    // ---- conflicts and savepoints ----

    @Test
    void aDeadlockGives40001ToOneAndTheOtherGoesOn() throws Exception {
        try (Client one = cluster.at(0);
                Client two = cluster.at(0)) {
            one.begin();
            two.begin();
            one.update(WRITE, 1, 1);
            two.update(WRITE, 2, 2);
            CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> outcome(one, 1, 2));
            String second = outcome(two, 2, 1);
            assertThat(java.util.List.of(first.get(20, TimeUnit.SECONDS), second))
                    .containsExactlyInAnyOrder("committed", "40001");
        }
    }

    private static String outcome(Client client, int value, int id) {
        try {
            client.update(WRITE, value, id);
            client.commit();
            return "committed";
        } catch (SQLException e) {
            try {
                client.rollback();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            return e.getSQLState();
        }
    }

    @Test
    void whatASavepointRollbackUndidReachesNoReplica() throws SQLException {
        try (Client client = cluster.at(0)) {
            client.begin();
            client.update(WRITE, 7, 1);
            Savepoint savepoint = client.connection().setSavepoint();
            client.update(WRITE, 9, 1);
            client.update(WRITE, 9, 2);
            client.connection().rollback(savepoint);
            client.commit();
        }
        cluster.awaitCaughtUp();
        for (int home : cluster.all()) {
            try (Client client = cluster.at(home)) {
                assertThat(client.number("SELECT MAX(V) * 100 + SUM(V) FROM T WITH CONSISTENCY EVENTUAL"))
                        .isEqualTo(707);
            }
        }
    }

    // ---- ACK ALL ----

    @Test
    void ackAllWaitsForTheSlowFollower() throws SQLException {
        int slow = cluster.follower();
        cluster.nodes().slow(slow, Duration.ofMillis(200));
        try (Client writer = cluster.at(0);
                Client reader = cluster.at(slow)) {
            writer.update(WRITE + " WITH CONSISTENCY SEQUENTIAL", 6, 1);
            assertThat(reader.number(READ + "EVENTUAL"))
                    .as("without it the follower is late")
                    .isZero();
            writer.update(WRITE + " WITH CONSISTENCY SEQUENTIAL ACK ALL", 7, 1);
            assertThat(reader.number(READ + "EVENTUAL")).isEqualTo(7);
        }
    }

    @Test
    void ackAllWithAFollowerCutOffSaysThatTheWriteIsCommitted() throws SQLException {
        cluster.nodes().isolate(cluster.follower());
        try (Client writer = cluster.at(0)) {
            assertThat(Refusal.expect(
                            "TC001", () -> writer.update(WRITE + " WITH CONSISTENCY SEQUENTIAL ACK ALL", 7, 1)))
                    .contains("IS committed");
            assertThat(writer.number(READ + "LINEARIZABLE")).isEqualTo(7);
        }
    }
}
