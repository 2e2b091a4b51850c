package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A replica that was just started does not know yet what is committed, not even its tables. */
class RestartedReplicaTest {
    private static final String READ = "SELECT V FROM T WHERE ID = 1 WITH CONSISTENCY EVENTUAL";

    @Test
    void nobodyIsSentToItWhileThereAreOthers() throws SQLException, IOException {
        try (Cluster cluster =
                Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 7)")) {
            int restarted = cluster.follower();
            cluster.nodes().kill(restarted);
            cluster.nodes().isolate(restarted);
            cluster.nodes().restart(restarted);
            // sessions without a home begin at any of the nodes
            for (int i = 0; i < 12; i++) {
                try (Client client = cluster.at(0)) {
                    assertThat(client.number(READ)).isEqualTo(7);
                    assertThat(client.servedBy()).isNotEqualTo(restarted);
                }
            }
            cluster.nodes().heal();
            try (Client near = cluster.at(restarted)) {
                Cluster.await(
                        "the restarted node to serve", () -> near.number(READ) == 7 && near.servedBy() == restarted);
            }
            cluster.healAndCompare();
        }
    }

    /** It can't ask how much there is: what it has may be anything, and it says so instead of showing it. */
    @Test
    void cutOffItServesNothingUntilItHasAsked() throws SQLException, IOException {
        try (Cluster cluster =
                Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 7)")) {
            int restarted = cluster.follower();
            cluster.nodes().kill(restarted);
            cluster.nodes().isolate(restarted);
            cluster.nodes().restart(restarted);
            try (Client inside = cluster.at(restarted)) {
                for (String level :
                        List.of("EVENTUAL", "READ_UNCOMMITTED", "MONOTONIC_READ", "SEQUENTIAL", "SNAPSHOT")) {
                    assertThat(Refusal.expect(
                                    "08001",
                                    () -> inside.look("SELECT V FROM T WITH CONSISTENCY " + level + " WITHIN 100 MS")))
                            .as(level)
                            .contains("n" + restarted, "was started and has not yet applied");
                }
                Refusal.expect(
                        "TC001",
                        () -> inside.look("SELECT V FROM T WITH CONSISTENCY BOUNDED_STALENESS (1 HOUR) WITHIN 100 MS"));
                Refusal.expect(
                        "TC002", () -> inside.look("SELECT V FROM T WITH CONSISTENCY LINEARIZABLE WITHIN 100 MS"));
                cluster.nodes().heal();
                Cluster.await("it to serve", () -> inside.look(READ) == 7 && inside.servedBy() == restarted);
            }
            cluster.healAndCompare();
        }
    }

    /** One that is cut off only after it has asked goes on with what it has. */
    @Test
    void cutOffLaterItServesWhatItHas() throws SQLException, IOException {
        try (Cluster cluster =
                Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 7)")) {
            int cut = cluster.follower();
            cluster.nodes().isolate(cut);
            try (Client inside = cluster.at(cut)) {
                assertThat(inside.look(READ)).isEqualTo(7);
            }
            cluster.healAndCompare();
        }
    }

    /** Nobody knows anything when all start at once: that is no reason to show an empty database. */
    @Test
    void whenAllAreRestartedNobodyMissesATableOrARow() throws Exception {
        try (Cluster cluster = Cluster.sharded(
                2, "CREATE TABLE T(ID INT PRIMARY KEY, V INT) SHARD BY (ID)", "INSERT INTO T VALUES (1, 7), (2, 7)")) {
            for (int round = 0; round < 3; round++) {
                for (int node = 1; node <= 3; node++) {
                    cluster.nodes().kill(node);
                }
                for (int node = 1; node <= 3; node++) {
                    cluster.nodes().restart(node);
                    try (Client near = cluster.at(node)) {
                        lookUnlessRefused(near);
                    }
                }
                try (Client anywhere = cluster.at(0)) {
                    Cluster.await("one to serve", () -> lookUnlessRefused(anywhere));
                }
            }
            cluster.healAndCompare();
        }
    }

    private static boolean lookUnlessRefused(Client client) throws SQLException {
        for (int id = 1; id <= 2; id++) {
            try {
                assertThat(client.look("SELECT V FROM T WHERE ID = " + id + " WITH CONSISTENCY EVENTUAL"))
                        .isEqualTo(7);
            } catch (SQLException e) {
                assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("08001");
                return false;
            }
        }
        return true;
    }
}
