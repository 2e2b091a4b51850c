package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Lets no file of its own process grow, as a disk that is full suddenly, and looks at a database then; lets them grow again,
 * and looks whether it goes on. Asserts by itself: its exit code says whether all was well.
 */
final class FullDiskVictim {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String NOTE = "x".repeat(3_000);
    private static final List<String> LEVELS = List.of(
            "LINEARIZABLE",
            "SEQUENTIAL",
            "SNAPSHOT",
            "READ_YOUR_WRITE",
            "MONOTONIC_READ",
            "BOUNDED_STALENESS (1 MINUTE)",
            "EVENTUAL",
            "READ_UNCOMMITTED");

    private final Path database;
    private final Set<Long> strong = new HashSet<>();
    private final Set<Long> weak = new HashSet<>();
    /** Of these nobody knows. */
    private final Set<Long> unknown = new HashSet<>();

    private long next;

    private FullDiskVictim(Path database) {
        this.database = database;
    }

    /** Arguments: the URL, the database's folder. */
    public static void main(String[] arguments) throws Exception {
        new FullDiskVictim(Path.of(arguments[1])).run(arguments[0]);
        Runtime.getRuntime().halt(0);
    }

    private void run(String url) throws SQLException, IOException, InterruptedException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE STRONG(ID BIGINT PRIMARY KEY, NOTE VARCHAR)");
            statement.execute("CREATE TABLE WEAK(ID BIGINT PRIMARY KEY, NOTE VARCHAR)");
            fillUntilRefused(connection, 20);
            for (int round = 0; round < 2; round++) {
                limit(String.valueOf(largestFile() + 100_000));
                fillUntilFull(connection, statement);
                checkWhileFull(connection);
                limit("unlimited");
                awaitWrites(connection);
            }
            checkRows(statement);
            Acknowledged.replicas(statement, "when there was room again");
            assertThat(connection.unwrap(TunableConnection.class).cluster().rebuilds())
                    .isZero();
        }
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            checkRows(statement);
            Acknowledged.replicas(statement, "after reopening");
        }
    }

    private void limit(String bytes) throws IOException, InterruptedException {
        String pid = String.valueOf(ProcessHandle.current().pid());
        Process limiting = new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + bytes + ":")
                .inheritIO()
                .start();
        assertThat(limiting.waitFor()).isZero();
    }

    private long largestFile() throws IOException {
        long largest = 0;
        for (int node = 1; node <= 3; node++) {
            for (Path segment : Folders.segments(database, node)) {
                largest = Math.max(largest, segment.toFile().length());
            }
        }
        return largest;
    }

    /** Until a strong write and a weak one were refused for the disk, or so many were taken. */
    private void fillUntilRefused(Connection connection, int most) throws SQLException {
        boolean isStrongRefused = false;
        boolean isWeakRefused = false;
        for (int i = 0; i < most && !(isStrongRefused && isWeakRefused); i++) {
            assertThat(i).as("writes without an end").isLessThan(5_000);
            isStrongRefused |= !write(connection, "STRONG", "SEQUENTIAL", strong);
            isWeakRefused |= !write(connection, "WEAK", "EVENTUAL", weak);
        }
    }

    /** An entry that does not fit at first may fit in what its first try has got of the disk; then the log goes on a little. */
    private void fillUntilFull(Connection connection, Statement statement) throws SQLException {
        for (int round = 0; ; round++) {
            assertThat(round).as("rounds in which the disk did not stay full").isLessThan(50);
            fillUntilRefused(connection, Integer.MAX_VALUE);
            try {
                Awaitility.await()
                        .during(Duration.ofMillis(1500))
                        .atMost(Duration.ofSeconds(6))
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> full(statement) >= 2);
                return;
            } catch (ConditionTimeoutException e) {
                // it did not stay so
            }
        }
    }

    /** False when it was refused for the disk. */
    private boolean write(Connection connection, String table, String level, Set<Long> acknowledged)
            throws SQLException {
        long id = next++;
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO " + table + " VALUES (?, ?) WITH CONSISTENCY " + level)) {
            insert.setLong(1, id);
            insert.setString(2, NOTE);
            insert.executeUpdate();
            acknowledged.add(id);
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isIn("TC007", "08007");
            if (e.getSQLState().equals("08007")) {
                unknown.add(id);
                return true;
            }
            assertThat(e.getMessage()).contains("the disk under " + database, "bytes are free");
            return false;
        }
    }

    private void checkWhileFull(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String level : LEVELS) {
                assertThat(ids(statement, "STRONG", level)).as(level).containsAll(strong);
            }
            assertThat(full(statement)).as("nodes whose disk is full").isGreaterThanOrEqualTo(2);
            assertRefused(statement, "UPDATE STRONG SET NOTE = 'y'");
            assertRefused(statement, "DELETE FROM STRONG");
            assertRefused(statement, "CREATE TABLE MORE(ID INT PRIMARY KEY)");
        }
    }

    private int full(Statement statement) throws SQLException {
        int full = 0;
        try (ResultSet rows = statement.executeQuery("SELECT NODE, ALIVE, DISK FROM TUNABLE.REPLICAS")) {
            while (rows.next()) {
                assertThat(rows.getBoolean("ALIVE")).isTrue();
                if (rows.getString("DISK") != null) {
                    full++;
                    assertThat(rows.getString("DISK")).contains(database.toString());
                }
            }
        }
        return full;
    }

    private static void assertRefused(Statement statement, String sql) {
        assertThatThrownBy(() -> statement.executeUpdate(sql))
                .as(sql)
                .isInstanceOf(SQLException.class)
                .extracting("SQLState")
                .isEqualTo("TC007");
    }

    private void awaitWrites(Connection connection) {
        awaitWrite(connection, "STRONG", "SEQUENTIAL", strong);
        awaitWrite(connection, "WEAK", "EVENTUAL", weak);
    }

    private void awaitWrite(Connection connection, String table, String level, Set<Long> acknowledged) {
        Awaitility.await("writes to go on")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> write(connection, table, level, acknowledged));
    }

    private void checkRows(Statement statement) {
        Awaitility.await("all that was acknowledged, and nothing else")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    assertComplete(strong, ids(statement, "STRONG", "LINEARIZABLE"));
                    assertComplete(weak, ids(statement, "WEAK", "LINEARIZABLE"));
                });
    }

    private void assertComplete(Set<Long> acknowledged, Set<Long> found) {
        Set<Long> lost = new TreeSet<>(acknowledged);
        lost.removeAll(found);
        assertThat(lost).as("acknowledged and lost").isEmpty();
        List<Long> more = new ArrayList<>(found);
        more.removeAll(acknowledged);
        more.removeAll(unknown);
        assertThat(more).as("refused, and there").isEmpty();
    }

    private static Set<Long> ids(Statement statement, String table, String level) throws SQLException {
        Set<Long> found = new HashSet<>();
        try (ResultSet rows = statement.executeQuery("SELECT ID FROM " + table + " WITH CONSISTENCY " + level)) {
            while (rows.next()) {
                found.add(rows.getLong(1));
            }
        }
        return found;
    }
}
