package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One node is started again beside others that run, and its files are not what they were when it was stopped. */
class RestartedNodeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private String url(int replicas) {
        return "jdbc:tunable:file:" + directory.resolve("db") + "?replicas=" + replicas
                + "&consistencyTimeout=20000&electionTimeout=300";
    }

    /** It and one that lags are a majority, and would elect a leader that lacks what they both lack. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void oneThatWentBackHasNoVote(int shards) throws Exception {
        try (Connection connection = DriverManager.getConnection(url(3) + "&shards=" + shards);
                Statement statement = connection.createStatement()) {
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)" + (shards == 1 ? "" : " SHARD BY (ID)"));
            cluster.kill(3);
            Path old = directory.resolve("old");
            Folders.copy(folder(3), old);
            cluster.restart(3);
            awaitVoters(cluster, 3);
            cluster.kill(2);
            // on nodes 1 and 3
            statement.executeUpdate("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 100)");
            cluster.kill(3);
            Folders.delete(folder(3));
            Folders.copy(old, folder(3));
            cluster.kill(1);
            cluster.restart(2);
            cluster.restart(3);
            Awaitility.await("nobody leads")
                    .during(Duration.ofMillis(1500))
                    .atMost(PATIENCE)
                    .until(() -> cluster.leader() == 0);
            cluster.restart(1);
            awaitVoters(cluster, 3);
            assertThat(count(statement)).isEqualTo(100);
            assertThat(directory.resolve("db").resolve("n3.broken")).exists();
            Awaitility.await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
                statement.executeUpdate("MERGE INTO T VALUES (1, 1)");
                assertThat(count(statement)).isEqualTo(100);
            });
        }
    }

    /** It may have voted for somebody in a term that it has forgotten. */
    @Test
    void oneWithoutItsLastVoteHasNone() throws Exception {
        try (Connection connection = DriverManager.getConnection(url(3));
                Statement statement = connection.createStatement()) {
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            Path vote = Folders.shard(directory.resolve("db"), 2).resolve("current/raft-meta");
            byte[] before = Files.readAllBytes(vote);
            cluster.kill(cluster.leader() == 2 ? 1 : cluster.leader());
            Awaitility.await("another leader").atMost(PATIENCE).until(() -> cluster.leader() != 0);
            cluster.kill(2);
            assertThat(Files.readAllBytes(vote)).as("it has voted since").isNotEqualTo(before);
            Files.write(vote, before);
            cluster.restart(2);
            assertThat(cluster.replicas().get(1).role()).isEqualTo("REJOINING");
        }
    }

    @Test
    void whatIsWholeIsNotRebuilt() throws Exception {
        try (Connection connection = DriverManager.getConnection(url(3) + "&snapshotAfter=20000");
                Statement statement = connection.createStatement()) {
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)");
            for (int i = 0; i < 6; i++) {
                int node = i % 3 + 1;
                cluster.kill(node);
                statement.executeUpdate("INSERT INTO T VALUES (" + i + ", REPEAT('x', 9000))");
                cluster.restart(node);
                assertThat(cluster.replicas().get(node - 1).role()).isNotEqualTo("REJOINING");
                awaitVoters(cluster, 3);
                Awaitility.await("equal")
                        .atMost(PATIENCE)
                        .until(() -> cluster.replicas().stream()
                                        .map(EmbeddedCluster.ReplicaStatus::applied)
                                        .distinct()
                                        .count()
                                == 1);
            }
            assertThat(directory.resolve("db").resolve("n1.broken")).doesNotExist();
        }
    }

    /** Nobody else has what it had. */
    @Test
    void aloneItIsNotStarted() throws Exception {
        try (Connection connection = DriverManager.getConnection(url(1));
                Statement statement = connection.createStatement()) {
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            cluster.kill(1);
            Path old = directory.resolve("old");
            Folders.copy(folder(1), old);
            cluster.restart(1);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(statement.executeUpdate("INSERT INTO T VALUES (1, 1)"))
                            .isOne());
            cluster.kill(1);
            Path whole = directory.resolve("whole");
            Files.move(folder(1), whole);
            Folders.copy(old, folder(1));
            assertThatThrownBy(() -> cluster.restart(1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("had been acknowledged up to index")
                    .hasMessageContaining("put the folder back");
            Folders.delete(folder(1));
            Files.move(whole, folder(1));
            cluster.restart(1);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(count(statement)).isOne());
        }
    }

    private Path folder(int node) {
        return directory.resolve("db").resolve("n" + node);
    }

    private static int count(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM T WITH CONSISTENCY LINEARIZABLE")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void awaitVoters(EmbeddedCluster cluster, int count) {
        Awaitility.await("voters")
                .atMost(PATIENCE)
                .until(() -> cluster.replicas().stream()
                                .filter(replica -> replica.role().equals("LEADER")
                                        || replica.role().equals("FOLLOWER"))
                                .count()
                        == count);
    }
}
