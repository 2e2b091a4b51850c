package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Nodes that forgot everything. */
class RejoinTest {

    @Test
    void aSecondNodeCantBeWipedBeforeTheFirstHasCaughtUp() throws Exception {
        try (Cluster cluster = Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY)")) {
            int leader = cluster.leader();
            int first = cluster.follower();
            int second = Cluster.third(leader, first);
            try (Client client = cluster.at(leader)) {
                client.update("INSERT INTO T VALUES (1)");
                cluster.nodes().kill(first);
                cluster.nodes().wipe(first);
                cluster.nodes().isolate(first);
                cluster.nodes().restart(first);
                assertThat(cluster.replica(first).role()).isEqualTo("REJOINING");
                cluster.nodes().kill(second);
                assertThatThrownBy(() -> cluster.nodes().wipe(second))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("have their vote");
                // one node alone, and one that knows nothing, are no majority: nothing is acknowledged
                Refusal.expect("08007", () -> client.update("INSERT INTO T VALUES (2)"));
            }
            cluster.nodes().heal();
            cluster.nodes().restart(second);
            cluster.healAndCompare();
            Cluster.await(
                    "the wiped node to have its vote",
                    () -> !cluster.replica(first).role().equals("REJOINING"));
            try (Client client = cluster.at(first)) {
                assertThat(client.number("SELECT COUNT(*) FROM T WHERE ID = 1 WITH CONSISTENCY LINEARIZABLE"))
                        .isEqualTo(1);
            }
            cluster.nodes().kill(second);
            cluster.nodes().wipe(second);
            cluster.nodes().restart(second);
            cluster.healAndCompare();
        }
    }
}
