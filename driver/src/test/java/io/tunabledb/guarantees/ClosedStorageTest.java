package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H2 closes a database by itself when memory ends in the middle of a statement: that replica stops and is rebuilt. */
class ClosedStorageTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aLeaderWithoutStorageGivesTheLeadAway(int shards) throws Exception {
        try (Cluster cluster = Cluster.sharded(shards, "CREATE TABLE T(K INT PRIMARY KEY, V INT)");
                Connection connection = DriverManager.getConnection(cluster.url());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO T VALUES (1, 10)");
            ReplicaStatus old = cluster.replica(cluster.leader());

            close(cluster, old.node());

            cluster.leaderAfter(old);
            Cluster.await("a rebuild", () -> cluster.nodes().rebuilds() == 1);
            awaitServed(() -> isDone(statement, "UPDATE T SET V = V + 1 WHERE K = 1"));
            awaitServed(() -> cluster.replica(old.node()).failure() == null);
            assertThat(value(statement)).isGreaterThanOrEqualTo(11);
            assertThat(cluster.nodes().rebuilds()).isEqualTo(1);
        }
    }

    @Test
    void aFollowerWithoutStorageIsRebuiltWithoutAnEntryToApply() throws Exception {
        try (Cluster cluster =
                Cluster.start("CREATE TABLE T(K INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 10)")) {
            close(cluster, cluster.follower());
            Cluster.await("a rebuild", () -> cluster.nodes().rebuilds() == 1);
        }
    }

    /** The thread that applies comes upon it before the watch does: what it can't apply is none of the entry's fault. */
    @Test
    void twoThatCloseUnderWritesGoOnFromTheirFolders() throws Exception {
        try (Cluster cluster = Cluster.start(
                        "CREATE TABLE T(K INT PRIMARY KEY, V INT)",
                        "INSERT INTO T SELECT X, 10 FROM SYSTEM_RANGE(1, 4)");
                Background writers = new Background()) {
            for (int k = 1; k <= 4; k++) {
                String write = "UPDATE T SET V = V + 1 WHERE K = " + k;
                writers.repeat(cluster, 0, client -> {
                    try {
                        client.execute(write);
                    } catch (SQLException e) {
                        assertThat(e.getSQLState()).isIn("40001", "08007", "TC002", "08001", "58030");
                    }
                });
            }
            ReplicaStatus old = cluster.replica(cluster.leader());
            close(cluster, old.node());
            int next = cluster.leaderAfter(old);
            close(cluster, Cluster.third(old.node(), next));
            Cluster.await(
                    "all of them",
                    () -> cluster.all().stream()
                            .allMatch(node -> cluster.replica(node).failure() == null
                                    && cluster.replica(node).role().matches("LEADER|FOLLOWER")));
            try (Client client = cluster.at(0)) {
                awaitServed(() -> {
                    try {
                        client.execute("UPDATE T SET V = 0");
                        return true;
                    } catch (SQLException e) {
                        return false;
                    }
                });
            }
        }
    }

    private static void close(Cluster cluster, int node) {
        try {
            cluster.nodes().damage(node, "SHUTDOWN IMMEDIATELY");
        } catch (SQLException | RuntimeException e) {
            // its own connection is closed with the rest
            assertThat(e).isNotNull();
        }
    }

    private static void awaitServed(BooleanSupplier served) {
        Cluster.await("it is served again", served::getAsBoolean);
    }

    private static boolean isDone(Statement statement, String write) {
        try {
            return statement.executeUpdate(write) == 1;
        } catch (SQLException e) {
            return false;
        }
    }

    private static long value(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT V FROM T WITH CONSISTENCY LINEARIZABLE")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
