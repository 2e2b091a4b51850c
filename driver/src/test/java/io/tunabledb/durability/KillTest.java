package io.tunabledb.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.jdbc.TunableConnection;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of writes: what was acknowledged is there after the restart, once, on every replica. */
class KillTest {
    private static final List<String> SMALL =
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);

    @Test
    void whatWasAcknowledgedSurvivesAFewKills(@TempDir Path directory) throws Exception {
        survives(directory, 3);
    }

    @Test
    @Tag("campaign")
    void whatWasAcknowledgedSurvivesManyKills(@TempDir Path directory) throws Exception {
        survives(directory, Integer.getInteger("campaign.kills", 50));
    }

    private static void survives(Path directory, int kills) throws Exception {
        long seed = Long.getLong("campaign.seed", System.nanoTime());
        System.out.println("KillTest: -Dcampaign.seed=" + seed + ", " + kills + " kills");
        Random random = new Random(seed);
        String url = "jdbc:tunable:file:" + directory.resolve("db")
                + "?replicas=3&snapshotAfter=8000&consistencyTimeout=20s";
        Acknowledged acknowledged = new Acknowledged();
        for (int kill = 1; kill <= kills; kill++) {
            try (ChildJvm child = ChildJvm.start(
                    Victim.class,
                    SMALL,
                    List.of(url, Integer.toString(kill), Long.toString(random.nextLong())),
                    acknowledged::line)) {
                // some are killed while they start from what the one before left
                if (kill > 1 && random.nextInt(6) == 0) {
                    Thread.sleep(200 + random.nextInt(2_000));
                } else {
                    child.await("READY", START_PATIENCE);
                    Thread.sleep(random.nextInt(2_500));
                }
                child.kill();
            }
            long startNanos = System.nanoTime();
            String when = "after kill " + kill + " of seed " + seed;
            try (Connection connection = DriverManager.getConnection(url)) {
                long openMillis = (System.nanoTime() - startNanos) / 1_000_000;
                try (Statement statement = connection.createStatement()) {
                    Victim.createTables(statement);
                }
                acknowledged.check(connection, when);
                System.out.println("KillTest: " + when + ": " + acknowledged.size() + " acknowledged, all there; open "
                        + openMillis + " ms, checked in "
                        + ((System.nanoTime() - startNanos) / 1_000_000 - openMillis) + " ms");
                if (random.nextBoolean()) {
                    // a clean close would write a snapshot: the next one is to start from what kills left
                    EmbeddedCluster cluster =
                            connection.unwrap(TunableConnection.class).cluster();
                    for (int node = 1; node <= cluster.nodes(); node++) {
                        cluster.kill(node);
                    }
                }
            }
        }
        assertThat(acknowledged.size()).as("writes that were put to the proof").isGreaterThan(10L * kills);
    }
}
