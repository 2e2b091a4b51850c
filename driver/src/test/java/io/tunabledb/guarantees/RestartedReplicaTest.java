package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
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
}
