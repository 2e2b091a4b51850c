package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One replica's files are torn, corrupt or gone: it starts from what is left, or is rebuilt by the others. */
class DamagedFilesTest {
    private static final int ROWS = 400;
    private static final int NODE = 3;

    @TempDir
    static Path template;

    @TempDir
    Path directory;

    /** A database after a crash: every replica has two snapshots and a log that goes on behind them. */
    @BeforeAll
    static void create() throws Exception {
        Path database = template.resolve("db");
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE EVENTS(ID INT PRIMARY KEY, NOTE VARCHAR)");
            statement.execute("CREATE TABLE NAMES(NAME VARCHAR PRIMARY KEY)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO EVENTS VALUES (?, ?)")) {
                int id = 0;
                while (id < ROWS || !everyReplicaHasTwoSnapshots(database)) {
                    insert.setInt(1, id++);
                    // the log is purged by whole segments of 4 MB
                    insert.setString(2, "x".repeat(15_000) + id);
                    insert.executeUpdate();
                    assertThat(id).as("rows until two snapshots").isLessThan(100 * ROWS);
                }
                rows = id;
            }
            Acknowledged.replicas(statement, "before");
            crash(connection);
        }
    }

    private static int rows;

    private static boolean everyReplicaHasTwoSnapshots(Path database) throws IOException {
        for (int node = 1; node <= 3; node++) {
            if (Folders.snapshots(database, node).size() < 2
                    || Folders.segments(database, node)
                            .get(0)
                            .getFileName()
                            .toString()
                            .contains("_0")) {
                return false;
            }
        }
        return true;
    }

    private static String url(Path database) {
        return "jdbc:tunable:file:" + database + "?replicas=3&snapshotAfter=500000";
    }

    private static void crash(Connection connection) throws SQLException {
        EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
        for (int node = 1; node <= cluster.nodes(); node++) {
            cluster.kill(node);
        }
    }

    /** What can happen to the files of one replica. */
    private enum Damage {
        HALF_AN_ENTRY_AT_THE_END_OF_THE_LOG {
            @Override
            void inflict(Path database) throws IOException {
                Path newest = last(Folders.segments(database, NODE));
                try (RandomAccessFile file = new RandomAccessFile(newest.toFile(), "rw")) {
                    file.seek(file.length());
                    file.write(new byte[] {100, 1, 2, 3});
                }
            }
        },
        GARBAGE_AT_THE_END_OF_THE_LOG {
            @Override
            void inflict(Path database) throws IOException {
                tear(database, NODE);
            }
        },
        THE_END_OF_THE_LOG_IS_OVERWRITTEN {
            @Override
            void inflict(Path database) throws IOException {
                Path newest = last(Folders.segments(database, NODE));
                try (RandomAccessFile file = new RandomAccessFile(newest.toFile(), "rw")) {
                    file.seek(file.length() - 30);
                    file.write("this was an entry once, really".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                }
            }
        },
        THE_END_OF_THE_LOG_IS_GONE {
            @Override
            void inflict(Path database) throws IOException {
                Path newest = last(Folders.segments(database, NODE));
                try (RandomAccessFile file = new RandomAccessFile(newest.toFile(), "rw")) {
                    file.setLength(file.length() - 30);
                }
            }
        },
        THE_LOG_IS_GONE {
            @Override
            void inflict(Path database) throws IOException {
                for (Path segment : Folders.segments(database, NODE)) {
                    Files.delete(segment);
                }
            }
        },
        THE_NEWEST_SNAPSHOT_IS_CORRUPT {
            @Override
            void inflict(Path database) throws IOException {
                flip(last(Folders.snapshots(database, NODE)));
            }
        },
        THE_NEWEST_SNAPSHOT_IS_TORN {
            @Override
            void inflict(Path database) throws IOException {
                try (RandomAccessFile file = new RandomAccessFile(
                        last(Folders.snapshots(database, NODE)).toFile(), "rw")) {
                    file.setLength(file.length() / 2);
                }
            }
        },
        A_FINISHED_LOG_FILE_CANT_BE_READ {
            @Override
            void inflict(Path database) throws IOException {
                breakFile(Folders.segments(database, NODE).get(0));
            }
        },
        EVERY_SNAPSHOT_CANT_BE_READ {
            @Override
            void inflict(Path database) throws IOException {
                for (Path snapshot : Folders.snapshots(database, NODE)) {
                    breakFile(snapshot);
                }
            }
        },
        THE_VOTE_CANT_BE_READ {
            @Override
            void inflict(Path database) throws IOException {
                breakFile(Folders.shard(database, NODE).resolve("current/raft-meta"));
            }
        },
        EVERY_SNAPSHOT_IS_CORRUPT {
            @Override
            void inflict(Path database) throws IOException {
                for (Path snapshot : Folders.snapshots(database, NODE)) {
                    flip(snapshot);
                }
            }
        },
        EVERY_SNAPSHOT_IS_GONE {
            @Override
            void inflict(Path database) throws IOException {
                for (Path snapshot : Folders.snapshots(database, NODE)) {
                    Files.delete(snapshot);
                }
            }
        },
        THE_FOLDER_IS_GONE {
            @Override
            void inflict(Path database) throws IOException {
                Folders.delete(database.resolve("n" + NODE));
            }
        },
        THE_FOLDER_IS_EMPTY {
            @Override
            void inflict(Path database) throws IOException {
                Folders.delete(database.resolve("n" + NODE));
                Files.createDirectory(database.resolve("n" + NODE));
            }
        };

        abstract void inflict(Path database) throws IOException;
    }

    private static void tear(Path database, int node) throws IOException {
        Path newest = last(Folders.segments(database, node));
        try (RandomAccessFile file = new RandomAccessFile(newest.toFile(), "rw")) {
            file.seek(file.length());
            // as a sector that was half written into preallocated space
            file.write(new byte[] {20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
            file.write(new byte[500]);
        }
    }

    /** From now on reading it is an I/O error. */
    private static void breakFile(Path path) throws IOException {
        Files.delete(path);
        Files.createSymbolicLink(path, IoErrorsTest.BROKEN);
    }

    private static void flip(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(file.length() / 2);
            int before = file.read();
            file.seek(file.length() / 2);
            file.write(before ^ 1);
        }
    }

    private static Path last(List<Path> paths) {
        return paths.get(paths.size() - 1);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "GARBAGE_AT_THE_END_OF_THE_LOG",
                "THE_NEWEST_SNAPSHOT_IS_CORRUPT",
                "EVERY_SNAPSHOT_IS_GONE",
                "EVERY_SNAPSHOT_CANT_BE_READ"
            })
    void aDamagedReplicaComesBackEqual(Damage damage) throws Exception {
        comesBackEqual(damage, List.of("after the damage"));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("campaign")
    void aDamagedReplicaComesBackEqualAndStaysSo(Damage damage) throws Exception {
        comesBackEqual(damage, List.of("after the damage", "after one more crash"));
    }

    private void comesBackEqual(Damage damage, List<String> times) throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        damage.inflict(database);
        for (String when : times) {
            try (Connection connection = DriverManager.getConnection(url(database));
                    Statement statement = connection.createStatement()) {
                check(statement, damage + " " + when);
                crash(connection);
            }
        }
    }

    private static void check(Statement statement, String when) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "SELECT COUNT(*), COUNT(DISTINCT ID), MAX(ID) FROM EVENTS WITH CONSISTENCY LINEARIZABLE")) {
            row.next();
            assertThat(List.of(row.getInt(1), row.getInt(2), row.getInt(3)))
                    .as(when)
                    .containsExactly(rows, rows, rows - 1);
        }
        statement.executeUpdate("INSERT INTO NAMES VALUES ('" + when + "')");
        Acknowledged.replicas(statement, when);
    }

    @Test
    void aPowerFailureThatTearsEveryLogLosesNothing() throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        for (int node = 1; node <= 3; node++) {
            tear(database, node);
        }
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            check(statement, "after every log was torn");
            crash(connection);
        }
    }

    @Test
    void withoutAMajorityOfFoldersItSaysSo() throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        Folders.delete(database.resolve("n1"));
        Folders.delete(database.resolve("n2"));
        assertThatThrownBy(() -> DriverManager.getConnection(url(database)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("the folders of nodes [1, 2] of 3 are gone")
                .hasMessageContaining(database.toString())
                .extracting("SQLState")
                .isEqualTo("08001");
    }

    @Test
    void withoutAMajorityOfUsableFoldersItSaysSo() throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        for (int node = 1; node <= 2; node++) {
            for (Path snapshot : Folders.snapshots(database, node)) {
                Files.delete(snapshot);
            }
        }
        assertThatThrownBy(() -> DriverManager.getConnection(url(database)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("nodes [1, 2] of 3 can't be started")
                .hasMessageContaining("no snapshot of this replica can be used")
                .extracting("SQLState")
                .isEqualTo("08001");
        assertThat(database.resolve("n1"))
                .as("nothing is moved when nobody can rebuild it")
                .exists();
    }

    private static Set<Thread> logThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("@group-"))
                .collect(Collectors.toSet());
    }

    /** What is behind the damage may have been acknowledged: two that cut it away would outvote the one that has it. */
    @Test
    void logsOfAMajorityThatAreDamagedInTheMiddleAreNotCut() throws Exception {
        Path database = directory.resolve("db");
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE NAMES(NAME VARCHAR PRIMARY KEY)");
            for (int i = 0; i < 20; i++) {
                statement.executeUpdate("INSERT INTO NAMES VALUES ('" + i + "')");
            }
            crash(connection);
        }
        for (int node = 1; node <= 2; node++) {
            flip(last(Folders.segments(database, node)));
        }
        Set<Thread> before = logThreads();
        assertThatThrownBy(() -> DriverManager.getConnection(url(database)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("nodes [1, 2] of 3 can't be started")
                .hasMessageContaining("log_inprogress_0 is damaged at byte ")
                .hasMessageContaining("whole entries follow at byte ")
                .extracting("SQLState")
                .isEqualTo("08001");
        // each holds a log with its buffers
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(logThreads()).isSubsetOf(before));
        flip(last(Folders.segments(database, 1)));
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            Acknowledged.replicas(statement, "with one mended");
            try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM NAMES WITH CONSISTENCY LINEARIZABLE")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(20);
            }
            crash(connection);
        }
    }

    /** Two empty nodes would outvote the one that has everything. */
    @ParameterizedTest
    @ValueSource(strings = {"", "current"})
    void aMajorityThatWasEmptiedDoesNotOutvoteTheRest(String part) throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        for (int node = 1; node <= 2; node++) {
            Folders.delete(Folders.shard(database, node).resolve(part));
        }
        assertThatThrownBy(() -> DriverManager.getConnection(url(database)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("the folders of nodes [1, 2] of 3 are gone, lack the log")
                .extracting("SQLState")
                .isEqualTo("08001");
        // as it says, nothing was changed: with one of them back the others are rebuilt
        Folders.delete(database.resolve("n1"));
        Folders.copy(template.resolve("db").resolve("n1"), database.resolve("n1"));
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            check(statement, "with one back of " + part);
            crash(connection);
        }
    }

    /** It has forgotten what it voted, and has not heard yet what was committed; a crash does not change that. */
    @Test
    void aNodeThatWasBeingRebuiltHasNoVoteAfterACrash() throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        try (Connection connection = DriverManager.getConnection(url(database))) {
            EmbeddedCluster cluster = connection.unwrap(TunableConnection.class).cluster();
            cluster.kill(NODE);
            cluster.wipe(NODE);
            cluster.isolate(NODE);
            cluster.restart(NODE);
            crash(connection);
        }
        Path log = Folders.shard(database, 1).resolve("current");
        Path aside = directory.resolve("aside");
        Files.move(log, aside);
        assertThatThrownBy(() -> DriverManager.getConnection(url(database)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("the folders of nodes [1, 3] of 3")
                .hasMessageContaining("were being rebuilt")
                .extracting("SQLState")
                .isEqualTo("08001");
        Files.move(aside, log);
        for (String when : List.of("when the others are whole", "when it has its vote")) {
            try (Connection connection = DriverManager.getConnection(url(database));
                    Statement statement = connection.createStatement()) {
                check(statement, when);
                EmbeddedCluster cluster =
                        connection.unwrap(TunableConnection.class).cluster();
                Awaitility.await("its vote, noted in its folder")
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> cluster.replicas().stream()
                                        .noneMatch(replica -> replica.role().equals("REJOINING"))
                                && !Files.exists(database.resolve("n" + NODE).resolve("rejoining")));
                crash(connection);
            }
        }
    }

    /** Who was voted for leads no more, and the logs have what was acknowledged: votes can be made anew, in a new term. */
    @ParameterizedTest
    @EnumSource
    void votesOfAMajorityAreMadeAnew(Vote damage) throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        for (int node = 1; node <= 2; node++) {
            damage.inflict(Folders.shard(database, node).resolve("current/raft-meta"));
        }
        for (String when : List.of("with new votes", "once more")) {
            try (Connection connection = DriverManager.getConnection(url(database));
                    Statement statement = connection.createStatement()) {
                check(statement, damage + " " + when);
                crash(connection);
            }
        }
        assertThat(database.resolve("n1.broken")).doesNotExist();
        assertThat(database.resolve("n2.broken")).doesNotExist();
    }

    /** What can happen to the file that has a replica's vote. */
    private enum Vote {
        GONE,
        EMPTY,
        NO_NUMBER,
        OF_AN_EARLIER_TERM;

        void inflict(Path file) throws IOException {
            switch (this) {
                case GONE -> Files.delete(file);
                case EMPTY -> Files.write(file, new byte[0]);
                case NO_NUMBER -> Files.writeString(file, "votedFor=1\nterm=#\n");
                case OF_AN_EARLIER_TERM -> Files.writeString(file, "votedFor=1\nterm=0\n");
            }
        }
    }

    /** An empty database beside the folders of the old one looks like a lost one. */
    @ParameterizedTest
    @EnumSource
    void withoutItsPropertiesItIsRefused(Properties damage) throws Exception {
        Path database = directory.resolve("db");
        Folders.copy(template.resolve("db"), database);
        Path properties = database.resolve("tunable.properties");
        byte[] whole = Files.readAllBytes(properties);
        damage.inflict(properties);
        assertThatThrownBy(() -> DriverManager.getConnection(url(database)))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("tunable.properties")
                .hasMessageContaining("put ")
                .extracting("SQLState")
                .isEqualTo("08001");
        Files.write(properties, whole);
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            check(statement, "with its properties back, " + damage);
            crash(connection);
        }
    }

    /** What can happen to the file that says what a database is. */
    private enum Properties {
        GONE,
        EMPTY,
        WITHOUT_ID,
        NO_PROPERTIES;

        void inflict(Path file) throws IOException {
            switch (this) {
                case GONE -> Files.delete(file);
                case EMPTY -> Files.write(file, new byte[0]);
                case WITHOUT_ID ->
                    Files.writeString(file, Files.readString(file).replaceAll("(?m)^database=.*$", "database=x"));
                case NO_PROPERTIES -> Files.writeString(file, "format=1\ndatabase=\\u00zz\n");
            }
        }
    }
}
