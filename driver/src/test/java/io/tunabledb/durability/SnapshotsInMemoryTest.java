package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A database in memory takes snapshots and purges its log too, or it would grow with every write. */
class SnapshotsInMemoryTest {
    private static final int SNAPSHOT_AFTER = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void theLogStaysBoundedAndALaggingFollowerGetsASnapshot() throws Exception {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:tunable:mem:bounded?snapshotAfter=" + SNAPSHOT_AFTER);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, NOTE VARCHAR)");
            statement.execute("CREATE TABLE LOOSE(NOTE VARCHAR)");
            statement.execute("INSERT INTO T SELECT X, 'x' FROM SYSTEM_RANGE(0, 99)");
            Path folder = folder();
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            int follower = cluster.leader() % 3 + 1;
            cluster.isolate(follower);
            long lagging = cluster.replicas().get(follower - 1).applied();
            long most = 0;
            for (int round = 0; round < 20; round++) {
                update(connection);
                statement.execute("INSERT INTO LOOSE VALUES ('round " + round + "')");
                most = Math.max(most, Folders.bytes(folder));
            }
            // 20 rounds write 4 MB to each of two logs
            assertThat(most).as("bytes of files at any time").isLessThan(4_000_000);
            assertThat(cluster.replicas().get(follower - 1).applied()).isLessThanOrEqualTo(lagging + 1);
            cluster.heal();
            long target = cluster.replicas().get(cluster.leader() - 1).applied();
            await().atMost(PATIENCE)
                    .until(() -> cluster.replicas().get(follower - 1).applied() >= target);
            assertThat(Folders.snapshots(folder, follower))
                    .as("it got a snapshot, for the log it lacked is purged")
                    .isNotEmpty();
            Acknowledged.replicas(statement, "after the follower came back");
            statement.execute("ALTER TABLE T ADD COLUMN MORE INT DEFAULT 7");
            update(connection);
            Acknowledged.replicas(statement, "after it went on");
        }
    }

    private static void update(Connection connection) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE T SET NOTE = ? WHERE ID = ?")) {
            for (int id = 0; id < 100; id++) {
                update.setString(1, "y".repeat(1_000) + id);
                update.setInt(2, id);
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    private static Path folder() throws Exception {
        Path memory = Path.of("/dev/shm");
        for (Path parent : new Path[] {memory, Path.of(System.getProperty("java.io.tmpdir"))}) {
            if (Files.isDirectory(parent)) {
                try (Stream<Path> all = Files.list(parent)) {
                    var found = all.filter(path -> path.getFileName()
                                    .toString()
                                    .startsWith("tunabledb-"
                                            + ProcessHandle.current().pid() + "-"))
                            .findFirst();
                    if (found.isPresent()) {
                        return found.get();
                    }
                }
            }
        }
        throw new AssertionError("the database has no folder");
    }
}
