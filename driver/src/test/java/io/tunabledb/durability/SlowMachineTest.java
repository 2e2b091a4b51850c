package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is stopped, or gets little of the machine, is slow and nothing else: no leader is lost, no statement fails. */
class SlowMachineTest {
    private static final List<String> SMALL =
            List.of("-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    Path directory;

    @Test
    void pausesAndHogsAreNoFailures() throws Exception {
        campaign(
                "jdbc:tunable:mem:paused?shards=2",
                Duration.ofSeconds(6),
                Runtime.getRuntime().availableProcessors());
    }

    @Test
    @Tag("campaign")
    void pausesAndHogsAreNoFailuresForLong() throws Exception {
        Duration time = Duration.ofSeconds(Integer.getInteger("campaign.seconds", 1800));
        int hogs = Integer.getInteger("campaign.hogs", Runtime.getRuntime().availableProcessors());
        campaign(
                "jdbc:tunable:file:" + directory.resolve("db") + "?shards=" + Integer.getInteger("campaign.shards", 1)
                        + "&snapshotAfter=4000000",
                time,
                hogs);
    }

    /** A mixed load, under hogs from the opening on, stopped again and again. */
    private static void campaign(String url, Duration time, int hogs) throws Exception {
        long seed = Long.getLong("campaign.seed", System.nanoTime());
        System.out.println("SlowMachineTest: -Dcampaign.seed=" + seed);
        Random random = new Random(seed);
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<String> arguments = List.of(url, "6", Long.toString(seed));
        try (Hogs spinning = new Hogs(hogs);
                ChildJvm child = ChildJvm.start(MixedLoad.class, SMALL, arguments, line -> note(line, wrong))) {
            child.await("READY", PATIENCE);
            long endNanos = System.nanoTime() + time.toNanos();
            do {
                child.pause(Duration.ofMillis(1_000 + random.nextInt(time.toMinutes() > 0 ? 4_000 : 1_000)));
                Thread.sleep(500 + random.nextInt(2_500));
                child.say("turns");
            } while (System.nanoTime() - endNanos < 0);
            child.endInput();
            String terms = child.await("TERMS", PATIENCE);
            String done = child.await("DONE", PATIENCE);
            System.out.println("SlowMachineTest: " + done + ", with " + spinning + "; " + terms);
            assertThat(wrong).as("seed " + seed).isEmpty();
            assertThat(terms).as("leaders lost, seed " + seed).isEqualTo("TERMS 0");
        }
    }

    private static void note(String line, ConcurrentLinkedQueue<String> wrong) {
        if (line.startsWith("ERROR") && wrong.size() < 20) {
            wrong.add(line);
            System.out.println(line);
        }
        if (line.startsWith("TURNS")) {
            System.out.println("SlowMachineTest: " + line);
        }
    }

    /** Processes that do nothing, all the time. */
    private static final class Hogs implements AutoCloseable {
        private final List<Process> spinning = new ArrayList<>();

        Hogs(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                spinning.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
            }
        }

        @Override
        public String toString() {
            return spinning.size() + " hogs";
        }

        @Override
        public void close() {
            spinning.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void anOpeningThatGetsNowhereEndsAndSaysWhatItFound() throws Exception {
        Path database = directory.resolve("db");
        String url = "jdbc:tunable:file:" + database;
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
        }
        // the one that would stand first has lost its vote, and the others take their time
        Folders.delete(database.resolve("n1"));
        assertThat(Files.exists(database.resolve("n2"))).isTrue();
        assertThatThrownBy(() -> DriverManager.getConnection(url + "?electionTimeout=60000&startTimeout=500"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"))
                .hasMessageContaining("nothing has moved for startTimeout=500 ms")
                .hasMessageContaining("n2 in term ");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("INSERT INTO T VALUES (1)")).isEqualTo(1);
        }
    }
}
