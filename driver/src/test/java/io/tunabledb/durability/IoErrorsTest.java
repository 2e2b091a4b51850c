package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single I/O errors while a database runs: they pass, and no replica has to be rebuilt for them. */
class IoErrorsTest {
    /** Reads and writes of its first bytes are answered with EIO, also to a superuser. */
    static final Path BROKEN = Path.of("/proc/self/mem");

    private final Events events = new Events(50_000, Set.of("40001", "08007", "TC002", "TC007"));

    @TempDir
    Path directory;

    @BeforeEach
    void requireErrors() {
        assertThat(BROKEN).as("this test needs Linux").exists();
    }

    private Connection open(int snapshotAfter) throws SQLException {
        return Events.open(directory.resolve("db"), "consistencyTimeout=20s&snapshotAfter=" + snapshotAfter);
    }

    private void requireWhole(Connection connection) throws SQLException {
        events.requireWhole(connection);
        assertThat(connection.unwrap(TunableConnection.class).cluster().rebuilds())
                .isZero();
    }

    /** It is written again after a while, or when the log has grown as much again. */
    @Test
    void aSnapshotThatMetOneIsWrittenAgain() throws Exception {
        Path database = directory.resolve("db");
        try (Connection connection = open(400_000)) {
            Path[] parts = new Path[3];
            for (int node = 1; node <= 3; node++) {
                Path folder =
                        Files.createDirectories(Folders.shard(database, node).resolve("sm"));
                parts[node - 1] = Files.createSymbolicLink(folder.resolve("snapshot.part"), BROKEN);
            }
            events.insertUntil(connection, () -> {
                boolean isDone = true;
                for (int node = 1; node <= 3; node++) {
                    isDone &= !Files.isSymbolicLink(parts[node - 1])
                            && !Folders.snapshots(database, node).isEmpty();
                }
                return isDone;
            });
            for (int node = 1; node <= 3; node++) {
                assertThat(Folders.snapshots(database, node)).noneMatch(Files::isSymbolicLink);
            }
            requireWhole(connection);
        }
        try (Connection connection =
                DriverManager.getConnection("jdbc:tunable:file:" + database + "?replicas=3&consistencyTimeout=20s")) {
            requireWhole(connection);
        }
    }

    /** The log waits for its disk, for a moment. */
    @Test
    void aLogFileThatCouldNotBeBegunIsBegunAgain() throws Exception {
        Path database = directory.resolve("db");
        try (Connection connection = open(1 << 30)) {
            Path[] probes = new Path[3];
            for (int node = 1; node <= 3; node++) {
                Path folder = Folders.shard(database, node).resolve("current");
                probes[node - 1] = Files.createSymbolicLink(folder.resolve("room.part"), BROKEN);
            }
            events.insertUntil(connection, () -> hasTwo(database));
            for (Path probe : probes) {
                assertThat(Files.isSymbolicLink(probe)).isFalse();
            }
            requireWhole(connection);
        }
    }

    private static boolean hasTwo(Path database) throws IOException {
        for (int node = 1; node <= 3; node++) {
            if (Folders.segments(database, node).size() < 2) {
                return false;
            }
        }
        return true;
    }
}
