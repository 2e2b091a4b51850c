package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A leader that had better not lead gives the lead away, and who had better not is not elected. */
class HandOverTest extends WithCluster {
    @Override
    Cluster started(Path folder) throws IOException {
        return new Cluster(
                folder,
                3,
                config -> config.durable(true).electionTimeout(Duration.ofMillis(300), Duration.ofMillis(600)));
    }

    /** A log whose folder is gone does. */
    @Override
    boolean mayNotComplain() {
        return false;
    }

    @Test
    void theLeadGoesToTheOneThatIsNamed() {
        int old = cluster.leaderOfAll();
        cluster.append(old, "before").join();
        for (int to : cluster.others(old)) {
            handOver(to);
            cluster.append(to, "led by " + to).join();
        }
        assertThat(cluster.log(old).status().alive()).isTrue();
        cluster.converge();
    }

    /** It hears of a later leader, though it can't write down that it does. */
    @Test
    void aLeaderWhoseLogWaitsGivesTheLeadAway() throws IOException {
        int old = cluster.leaderOfAll();
        cluster.append(old, "before").join();
        Path folder = takeAway(old);
        int to = cluster.others(old).get(0);
        handOver(to);
        cluster.append(to, "without the other's disk").join();
        giveBack(old, folder);
    }

    @Test
    void oneWhoseLogWaitsIsNotElected() throws IOException {
        int old = cluster.leaderOfAll();
        cluster.append(old, "before").join();
        cluster.converge();
        int waits = cluster.others(old).get(0);
        Path folder = takeAway(waits);
        assertThat(cluster.log(waits).shortage()).isNotNull();
        cluster.log(old).handOver(waits);
        Awaitility.await()
                .during(Duration.ofMillis(800))
                .atMost(Cluster.PATIENCE)
                .until(() -> !cluster.leads(waits));
        giveBack(waits, folder);
    }

    /** A candidate may lose on a busy machine, to the old leader as well; the engine asks again, too. */
    private void handOver(int to) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(500))
                .atMost(Cluster.PATIENCE)
                .until(() -> {
                    int leader = cluster.leader();
                    if (leader != to) {
                        cluster.log(leader).handOver(to);
                    }
                    return cluster.leads(to);
                });
    }

    private Path log(int node) throws IOException {
        try (var groups = Files.list(cluster.directory(node))) {
            return groups.filter(group -> Files.isDirectory(group.resolve("current")))
                    .findFirst()
                    .orElseThrow()
                    .resolve("current");
        }
    }

    /** No superuser can write where no folder is. */
    private Path takeAway(int node) throws IOException {
        Path log = log(node);
        return Files.move(log, log.resolveSibling("away"));
    }

    private void giveBack(int node, Path folder) throws IOException {
        assertThat(cluster.node(node)).isNotNull();
        Files.move(folder, folder.resolveSibling("current"));
    }
}
