package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.jdbc.TunableConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One path belongs to one process; in it, all URLs that mean the path share one database. */
class OpeningTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void aSecondProcessIsRefusedAndAForgottenCloseLosesNothing() throws Exception {
        Path database = directory.resolve("db");
        String url = "jdbc:tunable:file:" + database;
        try (ChildJvm first = ChildJvm.start(Forgetful.class, List.of("-Xmx512m"), List.of(url), line -> {})) {
            first.await("READY", PATIENCE);
            assertThatThrownBy(() -> DriverManager.getConnection(url))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(database.toString())
                    .hasMessageContaining("open in another process")
                    .extracting("SQLState")
                    .isEqualTo("08001");
            first.endInput();
            assertThat(first.awaitExit(PATIENCE)).as(first.errors()).isZero();
        }
        for (int node = 1; node <= 3; node++) {
            assertThat(Folders.snapshots(database, node))
                    .as("the shutdown hook closed node %d cleanly", node)
                    .isNotEmpty();
        }
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID FROM T")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(42);
            assertThat(rows.next()).as("what was never committed is not there").isFalse();
        }
    }

    /** What it has to finish over the shards is a write like others, but how long it may take nobody said of it. */
    @Test
    void anOpeningIsMorePatientThanAStatement() throws Exception {
        try (Connection connection =
                DriverManager.getConnection("jdbc:tunable:mem:patient?shards=2&consistencyTimeout=1")) {
            assertThat(connection.isClosed()).isFalse();
        }
    }

    @Test
    void aDatabaseInMemoryLeavesNoFolder() throws Exception {
        long pid;
        try (ChildJvm forgetful = ChildJvm.start(
                Forgetful.class, List.of("-Xmx512m"), List.of("jdbc:tunable:mem:forgotten"), line -> {})) {
            pid = forgetful.pid();
            forgetful.await("READY", PATIENCE);
            assertThat(foldersOf(pid)).isEqualTo(1);
            forgetful.endInput();
            assertThat(forgetful.awaitExit(PATIENCE)).as(forgetful.errors()).isZero();
        }
        assertThat(foldersOf(pid)).as("deleted by the shutdown hook").isZero();
        try (ChildJvm killed = ChildJvm.start(
                Forgetful.class, List.of("-Xmx512m"), List.of("jdbc:tunable:mem:forgotten"), line -> {})) {
            pid = killed.pid();
            killed.await("READY", PATIENCE);
            killed.kill();
        }
        assertThat(foldersOf(pid)).isEqualTo(1);
        try (Connection next = DriverManager.getConnection("jdbc:tunable:mem:next")) {
            assertThat(next.isValid(1)).isTrue();
            assertThat(foldersOf(pid)).as("swept by the next one").isZero();
            assertThat(foldersOf(ProcessHandle.current().pid())).isPositive();
        }
        assertThat(foldersOf(ProcessHandle.current().pid())).isZero();
    }

    private static long foldersOf(long pid) throws Exception {
        long count = 0;
        for (Path parent : List.of(Path.of("/dev/shm"), Path.of(System.getProperty("java.io.tmpdir")))) {
            if (Files.isDirectory(parent)) {
                try (Stream<Path> all = Files.list(parent)) {
                    count += all.filter(path -> path.getFileName().toString().startsWith("tunabledb-" + pid + "-"))
                            .count();
                }
            }
        }
        return count;
    }

    @Test
    void onePathIsOneDatabaseWhateverTheUrlSays() throws Exception {
        Path database = directory.resolve("db");
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        String url = "jdbc:tunable:file:" + database + "?replicas=1";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            for (String other : List.of(
                    "jdbc:tunable:file:" + directory + "/./x/../db",
                    "jdbc:tunable:file:" + database + "?consistency=EVENTUAL&replicas=1",
                    "jdbc:tunable:file:" + link + "/db",
                    "jdbc:tunable:file:" + Path.of("").toAbsolutePath().relativize(database))) {
                try (Connection same = DriverManager.getConnection(other);
                        Statement writer = same.createStatement()) {
                    assertThat(same.unwrap(TunableConnection.class).cluster())
                            .as(other)
                            .isSameAs(connection.unwrap(TunableConnection.class).cluster());
                    writer.execute("DELETE FROM T");
                }
            }
            assertThatThrownBy(() -> DriverManager.getConnection("jdbc:tunable:file:" + database + "?replicas=3"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("already runs with replicas=1");
        }
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:tunable:file:" + database + "?replicas=3"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(database.toString())
                .hasMessageContaining("was created with replicas=1, the URL says 3")
                .extracting("SQLState")
                .isEqualTo("08001");
        try (Connection again = DriverManager.getConnection(url);
                Statement statement = again.createStatement()) {
            assertThat(statement.executeUpdate("INSERT INTO T VALUES (1)")).isEqualTo(1);
        }
    }

    @Test
    void afterACleanCloseNothingIsReplayed() throws Exception {
        Path database = directory.resolve("db");
        String url = "jdbc:tunable:file:" + database;
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            for (int i = 0; i < 50; i++) {
                statement.executeUpdate("INSERT INTO T VALUES (" + i + ")");
            }
        }
        for (int node = 1; node <= 3; node++) {
            Path snapshot = Folders.snapshots(database, node).get(0);
            String name = snapshot.getFileName().toString();
            assertThat(Long.parseLong(name.substring(name.indexOf('_') + 1)))
                    .as("the snapshot of node %d has every write", node)
                    .isGreaterThanOrEqualTo(51);
        }
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(50);
            Acknowledged.replicas(statement, "after the restart");
        }
    }
}
