package io.tunabledb.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an outbox does with acknowledged writes when its log is damaged, slow to open, or fails. */
class OutboxDamageTest {
    private static final int WRITES = 20;

    @TempDir
    private Path folder;

    private String url() {
        return "jdbc:tunable:file:" + folder.resolve("db") + "?outboxDrain=0";
    }

    /** Acknowledges writes of a node that reaches nobody, and stops the database. */
    private void acknowledge(int shards) throws SQLException {
        try (Connection keeper = DriverManager.getConnection(url() + "&shards=" + shards);
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)" + (shards > 1 ? " SHARD BY (ID)" : ""));
            EmbeddedCluster nodes = keeper.unwrap(TunableConnection.class).cluster();
            int home = nodes.leader() % nodes.nodes() + 1;
            nodes.isolate(home);
            try (Connection cutOff = DriverManager.getConnection(url() + "&home=" + home);
                    Statement weak = cutOff.createStatement()) {
                for (int i = 1; i <= WRITES; i++) {
                    weak.execute("INSERT INTO T VALUES(" + i + ") WITH CONSISTENCY EVENTUAL");
                }
            }
        }
    }

    private Path log() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.toString().contains(".outbox")
                            && path.getFileName().toString().startsWith("log_inprogress_"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Where the record of a write is in the log. */
    private static int placeOf(byte[] log, int write) {
        byte[] text = ("VALUES(" + write + ")").getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, log.length - text.length)
                .filter(at -> IntStream.range(0, text.length).allMatch(i -> log[at + i] == text[i]))
                .findFirst()
                .orElseThrow();
    }

    private static List<Integer> rows(Statement statement) throws SQLException {
        List<Integer> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT ID FROM T ORDER BY ID WITH CONSISTENCY LINEARIZABLE")) {
            while (rows.next()) {
                found.add(rows.getInt(1));
            }
        }
        return found;
    }

    private static List<String> errors(Statement statement) throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet rows =
                statement.executeQuery("SELECT LAST_ERROR FROM TUNABLE.OUTBOX WHERE LAST_ERROR IS NOT NULL")) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    /** One damaged record costs its own write only, its number is named, and what was found is kept aside. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aFlippedBitLosesOneWriteAndSaysWhich(int shards) throws Exception {
        acknowledge(shards);
        Path log = log();
        byte[] bytes = Files.readAllBytes(log);
        bytes[placeOf(bytes, 9)] ^= 1;
        Files.write(log, bytes);
        List<Integer> others =
                IntStream.rangeClosed(1, WRITES).filter(i -> i != 9).boxed().toList();
        try (Connection connection = DriverManager.getConnection(url() + "&shards=" + shards);
                Statement statement = connection.createStatement()) {
            Cluster.await(
                    "the whole writes to be carried out", () -> rows(statement).equals(others));
            assertThat(errors(statement)).singleElement().asString().contains("numbers 9 are lost", "\"damaged\"");
            statement.execute("INSERT INTO T VALUES(100) WITH CONSISTENCY EVENTUAL");
            Cluster.await(
                    "a later write to be carried out", () -> rows(statement).contains(100));
        }
        try (Stream<Path> kept = Files.list(log.resolve("../../damaged").normalize())) {
            assertThat(kept.map(path -> path.getFileName().toString()))
                    .containsExactly("lost-" + log.getFileName() + ".1");
        }
        try (Connection connection = DriverManager.getConnection(url() + "&shards=" + shards);
                Statement statement = connection.createStatement()) {
            assertThat(rows(statement)).hasSize(WRITES);
        }
    }

    /** Nothing whole follows a tail that the power failed under: it is cut, and what comes later is not taken for done. */
    @Test
    void aTornTailIsCutAndKeptAside() throws Exception {
        acknowledge(1);
        Path log = log();
        byte[] bytes = Files.readAllBytes(log);
        int last = placeOf(bytes, WRITES);
        bytes[last] ^= 1;
        Files.write(log, bytes);
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            Cluster.await(
                    "the whole writes to be carried out", () -> rows(statement).size() == WRITES - 1);
            statement.execute("INSERT INTO T VALUES(100) WITH CONSISTENCY EVENTUAL");
            Cluster.await(
                    "a later write to be carried out", () -> rows(statement).contains(100));
        }
        try (Stream<Path> kept = Files.list(log.resolve("../../damaged").normalize())) {
            assertThat(kept).hasSize(1);
        }
    }

    /** An opening that its first caller did not wait for goes on, and the next one finds it open. */
    @Test
    void anOutboxThatIsSlowToOpenIsOpenedYet() throws Exception {
        String hasty = url() + "&consistencyTimeout=3";
        try (Connection keeper = DriverManager.getConnection(url().replace("?", "?consistencyTimeout=3&"));
                Statement statement = keeper.createStatement()) {
            Cluster.await("a table", () -> {
                statement.execute("CREATE TABLE IF NOT EXISTS T(ID INT PRIMARY KEY)");
                return true;
            });
            try (Connection connection = DriverManager.getConnection(hasty);
                    Statement weak = connection.createStatement()) {
                Cluster.await("a write to be accepted", () -> {
                    weak.execute("INSERT INTO T VALUES(1) WITH CONSISTENCY EVENTUAL");
                    return true;
                });
            }
        }
    }
}
