package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.engine.EmbeddedCluster.ReplicaStatus;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.IntPredicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that take no more: a replica whose log fails stops and is rebuilt, one whose snapshots fail goes on with its log. */
class DiskFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A segment of the log holds 4 MB, 20 of them; the next one is a new file. */
    private final Events events = new Events(200_000, Set.of("40001", "08007", "TC002"));

    @TempDir
    Path directory;

    private Connection open(int snapshotAfter) throws SQLException {
        return Events.open(directory.resolve("db"), "snapshotAfter=" + snapshotAfter);
    }

    private static EmbeddedCluster cluster(Connection connection) throws SQLException {
        return connection.unwrap(TunableConnection.class).cluster();
    }

    private static int node(EmbeddedCluster cluster, IntPredicate fits) {
        return cluster.replicas().stream()
                .mapToInt(ReplicaStatus::node)
                .filter(fits)
                .findFirst()
                .orElseThrow();
    }

    private static void await(String what, Callable<Boolean> state) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(state);
    }

    @Test
    void aLeaderWhoseLogCantBeWrittenStopsAndIsRebuilt() throws Exception {
        isRebuiltWhenItsLogCantBeWritten(true);
    }

    @Test
    @Tag("campaign")
    void aFollowerWhoseLogCantBeWrittenStopsAndIsRebuilt() throws Exception {
        isRebuiltWhenItsLogCantBeWritten(false);
    }

    /** The operator who stopped it will start it, perhaps when the disk is mended. */
    @Test
    void aBrokenNodeThatIsStoppedByHandStaysStopped() throws Exception {
        try (Connection connection = open(1 << 30)) {
            EmbeddedCluster cluster = cluster(connection);
            int leader = cluster.leader();
            int broken = node(cluster, node -> node != leader);
            Path log = Folders.segments(directory.resolve("db"), broken).get(0).getParent();
            Path lost = log.resolveSibling("lost");
            Files.move(log, lost);
            Files.createFile(log);
            events.insertUntil(
                    connection, () -> cluster.replicas().get(broken - 1).failure() != null);
            cluster.kill(broken);
            assertThat(cluster.rebuilds()).as("half a second after it broke").isZero();
            Awaitility.await("its rebuild, which must not come")
                    .during(Duration.ofSeconds(1))
                    .atMost(PATIENCE)
                    .until(() -> cluster.replicas().get(broken - 1).role().equals("STOPPED"));
            Files.delete(log);
            Files.move(lost, log);
            cluster.restart(broken);
            await(
                    "it to follow",
                    () -> cluster.replicas().get(broken - 1).role().equals("FOLLOWER"));
            int before = events.inserted();
            events.insertUntil(connection, () -> events.inserted() == before + 5);
            events.requireWhole(connection);
            assertThat(cluster.rebuilds()).isZero();
        }
    }

    private void isRebuiltWhenItsLogCantBeWritten(boolean isLeader) throws Exception {
        try (Connection connection = open(1 << 30)) {
            EmbeddedCluster cluster = cluster(connection);
            int leader = cluster.leader();
            int broken = node(cluster, node -> (node == leader) == isLeader);
            // the file that is open goes on, but no other can be made: where its folder was is a file now
            Path log = Folders.segments(directory.resolve("db"), broken).get(0).getParent();
            Files.move(log, log.resolveSibling("lost"));
            Files.createFile(log);

            events.insertUntil(
                    connection, () -> cluster.replicas().get(broken - 1).failure() != null || cluster.rebuilds() > 0);
            events.insertUntil(connection, () -> cluster.rebuilds() == 1);
            await("its vote", () -> cluster.replicas().get(broken - 1).role().equals("FOLLOWER"));
            int before = events.inserted();
            events.insertUntil(connection, () -> events.inserted() == before + 5);
            events.requireWhole(connection);
            try (var folders = Files.list(directory.resolve("db"))) {
                assertThat(folders.map(folder -> folder.getFileName().toString()))
                        .as("its folder is kept to be looked at")
                        .anyMatch(name -> name.startsWith("n" + broken + "."));
            }
        }
    }

    @Test
    void aReplicaWhoseSnapshotsCantBeWrittenGoesOnWithItsLog() throws Exception {
        try (Connection connection = open(500_000)) {
            EmbeddedCluster cluster = cluster(connection);
            int full = node(cluster, node -> node != cluster.leader());
            Path database = directory.resolve("db");
            Path part = snapshots(full).resolve("snapshot.part");
            Files.createDirectory(part);
            int other = node(cluster, node -> node != full);
            events.insertUntil(
                    connection, () -> Folders.snapshots(database, other).size() == 2 && events.inserted() > 50);
            assertThat(Folders.snapshots(database, full)).isEmpty();
            assertThat(Folders.segments(database, full)).as("its whole log").hasSizeGreaterThan(1);
            assertThat(Folders.segments(database, full).get(0).getFileName().toString())
                    .startsWith("log_0");
            assertThat(cluster.replicas()).allMatch(replica -> replica.failure() == null);

            Files.delete(part);
            events.insertUntil(
                    connection, () -> !Folders.snapshots(database, full).isEmpty());
            events.requireWhole(connection);
            assertThat(cluster.rebuilds()).isZero();
        }
    }

    /** A pipe that has no reader: a writer that opens it waits, as for a disk that does not answer. */
    @Test
    void aSnapshotThatHangsHoldsNoOtherReplicaUp() throws Exception {
        try (Connection connection = open(500_000)) {
            EmbeddedCluster cluster = cluster(connection);
            int slow = node(cluster, node -> node != cluster.leader());
            int other = node(cluster, node -> node != slow);
            Path database = directory.resolve("db");
            Path part = snapshots(slow).resolve("snapshot.part");
            assertThat(new ProcessBuilder("mkfifo", part.toString()).start().waitFor())
                    .isZero();
            events.insertUntil(
                    connection, () -> Folders.snapshots(database, other).size() == 2 && events.inserted() > 20);
            await(
                    "the slow one to have all rows",
                    () -> cluster.replicas().stream()
                                    .mapToLong(ReplicaStatus::applied)
                                    .distinct()
                                    .count()
                            == 1);
            assertThat(Folders.snapshots(database, slow)).isEmpty();
            assertThat(cluster.replicas()).allMatch(replica -> replica.failure() == null);

            try (InputStream answer = Files.newInputStream(part)) {
                Files.delete(part);
                assertThat(answer.readAllBytes()).isNotEmpty();
            }
            events.insertUntil(
                    connection, () -> !Folders.snapshots(database, slow).isEmpty());
            events.requireWhole(connection);
        }
    }

    /** Where a replica keeps its snapshots. */
    private Path snapshots(int node) throws IOException {
        Path log = Folders.segments(directory.resolve("db"), node).get(0).getParent();
        return Files.createDirectories(log.resolveSibling("sm"));
    }

    /**
     * A vote that can't be written down ends the replica that stands. What is left is no majority and nobody can rebuild it;
     * its tables are whole, and it goes on from its own folder when that can be written.
     */
    @Test
    void aReplicaThatNobodyCanRebuildIsReadAndGoesOnByItself() throws Exception {
        Path database = directory.resolve("db");
        try (Connection connection = open(1 << 30);
                Statement statement = connection.createStatement()) {
            EmbeddedCluster cluster = cluster(connection);
            events.insertUntil(connection, () -> events.inserted() == 5);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> Acknowledged.replicas(statement, "before the disk is broken"));
            for (int node = 1; node <= 3; node++) {
                Files.createDirectory(vote(database, node));
            }
            int leader = cluster.leader();
            cluster.kill(leader);
            await(
                    "the one that stands to end",
                    () -> cluster.replicas().stream()
                            .anyMatch(replica -> replica.node() != leader && replica.failure() != null));
            for (String level : List.of("EVENTUAL", "SEQUENTIAL", "MONOTONIC_READ", "READ_YOUR_WRITE")) {
                try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM EVENTS WITH CONSISTENCY " + level)) {
                    row.next();
                    assertThat(row.getInt(1)).as(level).isEqualTo(events.inserted());
                }
            }
            for (int node = 1; node <= 3; node++) {
                Files.delete(vote(database, node));
            }
            await("a leader among the two", () -> cluster.leader() != 0);
            events.insertUntil(connection, () -> events.inserted() == 10);
            cluster.restart(leader);
            await("all to run", () -> cluster.replicas().stream().allMatch(replica -> replica.failure() == null));
            events.requireWhole(connection);
            assertThat(cluster.rebuilds()).isZero();
        }
    }

    /** Where a replica writes a new vote before it takes the place of the old one. */
    private static Path vote(Path database, int node) throws IOException {
        return Folders.shard(database, node).resolve("current").resolve("raft-meta.tmp");
    }

    /** All nodes of a process have one disk: they wait together for room, and go on as they were. */
    @Test
    void aDiskThatIsFullForAllRefusesWritesAndServesReads() throws Exception {
        Path database = directory.resolve("db");
        String url = "jdbc:tunable:file:" + database + "?replicas=3&consistencyTimeout=2s";
        List<String> arguments = List.of(url, database.toString());
        try (ChildJvm child = ChildJvm.start(FullDiskVictim.class, List.of("-Xmx400m"), arguments, line -> {})) {
            assertThat(child.awaitExit(Duration.ofMinutes(4)))
                    .as(child.errors())
                    .isZero();
        }
    }
}
