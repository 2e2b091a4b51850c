package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random definitions, with rows written in between, on a database with small snapshots that is opened again and again:
 * no replica stops, every snapshot can be read, replicas are equal, and nothing is lost.
 *
 * <p>Seeds are printed; {@code -Ddefinitions.seed=N} repeats one, or begins with one. The whole campaign is {@code -Ddefinitions.count=10000}.
 */
class DefinitionCampaignTest {
    private static final String OPTIONS =
            "&electionTimeout=3000&definitionTimeout=60000&consistencyTimeout=30000&snapshotAfter=4096";
    private static final int EACH = 100;
    private static final int ROUNDS = 4;

    @TempDir
    Path directory;

    /** Always the same: what others find is for the campaign. */
    @ParameterizedTest
    @CsvSource({"1, 50", "4, 30"})
    void aFew(int shards, int each) throws Exception {
        new Life(directory.resolve("db"), Long.getLong("definitions.seed", 11), shards, 400).run(1, each);
    }

    @Test
    @Tag("campaign")
    void many() throws Exception {
        long seed = Long.getLong("definitions.seed", System.nanoTime() % 1_000_000);
        int lives = (Integer.getInteger("definitions.count", 10_000) + ROUNDS * EACH - 1) / (ROUNDS * EACH);
        List<AssertionError> failures = new ArrayList<>();
        for (int life = 0; life < lives; life++) {
            Path path = directory.resolve("db" + life);
            try {
                new Life(path, seed + life, life % 2 == 1 ? 4 : 1, 4_000).run(ROUNDS, EACH);
            } catch (AssertionError e) {
                System.out.println("definitions: " + e.getMessage());
                failures.add(e);
            }
            delete(path);
        }
        assertThat(failures).isEmpty();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** One database from its creation on. */
    private static final class Life {
        private final Path path;
        private final String name;
        private final String url;
        private final Random random;
        private final RandomDefinitions definitions;
        private final Map<String, Integer> outcomes = new TreeMap<>();
        private final List<String> said = new ArrayList<>();

        Life(Path path, long seed, int shards, int deepest) {
            this.path = path;
            this.name = "seed " + seed + ", " + shards + " shards";
            this.url = "jdbc:tunable:file:" + path + "?shards=" + shards + OPTIONS;
            this.random = new Random(seed);
            this.definitions = new RandomDefinitions(random, deepest, shards > 1);
            System.out.println("definitions: " + name);
        }

        void run(int rounds, int each) throws IOException {
            try {
                live(rounds, each);
            } catch (SQLException e) {
                throw failed("no answer: " + e, e);
            }
        }

        private void live(int rounds, int each) throws SQLException, IOException {
            Map<String, List<String>> picture = Map.of();
            for (int round = 0; round <= rounds; round++) {
                try (Connection connection = DriverManager.getConnection(url)) {
                    if (round > 0) {
                        requireSame("after opening again", picture, SchemaPicture.of(connection));
                        requireHealthy(connection, "after opening again");
                    }
                    if (round < rounds) {
                        define(connection, each);
                        requireHealthy(connection, "before closing");
                        picture = SchemaPicture.of(connection);
                    }
                }
                requireReadableSnapshots();
            }
            System.out.println("definitions: " + name + " " + outcomes);
        }

        private void define(Connection connection, int each) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                for (int i = 0; i < each; i++) {
                    if (i % 5 == 0) {
                        definitions.know(KnownObjects.of(connection));
                    }
                    execute(statement, definitions.definition());
                    if (i % 10 == 9) {
                        requireSnapshots(statement, "after " + (i + 1) + " definitions");
                    }
                    for (int changes = random.nextInt(3); changes > 0; changes--) {
                        execute(statement, definitions.change());
                    }
                }
            }
        }

        private void execute(Statement statement, String sql) {
            said.add(sql);
            String outcome = "done";
            try {
                statement.execute(sql);
            } catch (SQLException e) {
                outcome = String.valueOf(e.getSQLState());
                if (outcome.matches("08.*|58.*|HY000|XX.*|TC00[1-4]|TC00[7-9]|null")) {
                    throw failed("an error that it must not have: " + e, e);
                }
            } catch (RuntimeException | Error e) {
                throw failed("no SQLException: " + e, e);
            }
            outcomes.merge(outcome, 1, Integer::sum);
        }

        private void requireSnapshots(Statement statement, String when) throws SQLException {
            try (ResultSet rows = statement.executeQuery(
                    "SELECT NODE, SNAPSHOT_ERROR FROM TUNABLE.REPLICAS WHERE SNAPSHOT_ERROR IS NOT NULL")) {
                if (rows.next()) {
                    throw failed(when + " a snapshot of " + rows.getString(1) + ": " + rows.getString(2), null);
                }
            }
        }

        private void requireHealthy(Connection connection, String when) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                requireSnapshots(statement, when);
                try (ResultSet rows =
                        statement.executeQuery("SELECT NODE, SHARD, ALIVE, FAILURE FROM TUNABLE.REPLICAS")) {
                    while (rows.next()) {
                        if (!rows.getBoolean(3) || rows.getString(4) != null) {
                            throw failed(when + " " + rows.getString(1) + " is not alive: " + rows.getString(4), null);
                        }
                    }
                }
                try (ResultSet rows = statement.executeQuery("CHECK REPLICAS")) {
                    while (rows.next()) {
                        if (!rows.getBoolean("SAME")) {
                            throw failed(
                                    when + " replicas differ: " + rows.getString("REPLICA") + " "
                                            + rows.getString("DIFFERENCE"),
                                    null);
                        }
                    }
                }
            }
        }

        private void requireReadableSnapshots() throws IOException {
            try (Stream<Path> files = Files.walk(path)) {
                files.filter(file -> file.toString().endsWith(".corrupt")
                                || file.toString().contains("-aside"))
                        .findFirst()
                        .ifPresent(file -> {
                            throw failed("a snapshot could not be read: " + file, null);
                        });
            }
        }

        private void requireSame(String when, Map<String, List<String>> before, Map<String, List<String>> after) {
            for (String table : before.keySet()) {
                List<String> lost = new ArrayList<>(before.get(table));
                List<String> found = new ArrayList<>(after.getOrDefault(table, List.of()));
                List<String> both = new ArrayList<>(lost);
                found.forEach(both::remove);
                List<String> more = new ArrayList<>(found);
                lost.forEach(more::remove);
                if (!both.isEmpty() || !more.isEmpty()) {
                    throw failed(
                            when + " " + table + " lost\n" + String.join("\n", both) + "\nand has\n"
                                    + String.join("\n", more),
                            null);
                }
            }
        }

        private AssertionError failed(String what, Throwable cause) {
            StringBuilder all = new StringBuilder(name + ": " + what + "\nThe last statements:\n");
            for (String sql : said.subList(Math.max(0, said.size() - 6), said.size())) {
                all.append(sql.length() > 500 ? sql.substring(0, 500) + "…" : sql)
                        .append(";\n");
            }
            try {
                Files.writeString(
                        Path.of(
                                System.getProperty("java.io.tmpdir"),
                                "definitions-" + name.replaceAll("\\D+", "-") + ".sql"),
                        String.join(";\n", said));
            } catch (IOException e) {
                all.append(e);
            }
            return new AssertionError(all.toString(), cause);
        }
    }
}
