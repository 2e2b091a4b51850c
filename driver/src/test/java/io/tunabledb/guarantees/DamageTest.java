package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A replica whose rows are not what the log made them. */
class DamageTest {
    private Cluster cluster;
    private int follower;

    @BeforeEach
    void start() throws SQLException {
        cluster = Cluster.start("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0), (2, 0)");
        cluster.awaitCaughtUp();
        follower = cluster.follower();
    }

    @AfterEach
    void stop() throws SQLException {
        cluster.close();
    }

    private List<String> check() throws SQLException {
        try (Client client = cluster.at(cluster.leader());
                Statement statement = client.connection().createStatement();
                ResultSet rows = statement.executeQuery("CHECK REPLICAS T")) {
            List<String> same = new ArrayList<>();
            while (rows.next()) {
                same.add(rows.getString("REPLICA") + " " + rows.getBoolean("SAME"));
            }
            return same;
        }
    }

    @Test
    void checkReplicasTellsWhoDiffers() throws SQLException {
        assertThat(check()).containsExactly("n1 true", "n2 true", "n3 true");
        cluster.nodes().damage(follower, "UPDATE T SET V = 1 WHERE ID = 1");
        assertThat(check())
                .contains("n" + follower + " false")
                .filteredOn(line -> line.endsWith("true"))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DELETE FROM T WHERE ID = 1 | UPDATE T SET V = 5 WHERE ID = 1",
                "INSERT INTO T VALUES (3, 9) | INSERT INTO T VALUES (3, 5)"
            })
    void aReplicaThatMeetsWhatCantBeThereIsRebuiltFromTheOthers(String damage, String write) throws Exception {
        cluster.nodes().damage(follower, damage);
        try (Client client = cluster.at(cluster.leader())) {
            assertThat(client.update(write)).as("the others go on").isEqualTo(1);
            Cluster.await("the rebuild", () -> cluster.nodes().rebuilds() == 1);
            Cluster.await(
                    "the rebuilt replica to have its vote",
                    () -> cluster.replica(follower).role().equals("FOLLOWER"));
            client.update("INSERT INTO T VALUES (4, 4)");
            cluster.awaitCaughtUp();
        }
        assertThat(check()).containsExactly("n1 true", "n2 true", "n3 true");
        try (Client client = cluster.at(follower)) {
            assertThat(client.number("SELECT COUNT(*) FROM T WHERE V = 5 WITH CONSISTENCY EVENTUAL"))
                    .isEqualTo(1);
            assertThat(client.servedBy()).isEqualTo(follower);
        }
    }
}
