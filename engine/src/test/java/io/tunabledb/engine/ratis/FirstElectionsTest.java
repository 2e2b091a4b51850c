package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.log.LogStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Who may lead a database that is being opened. */
class FirstElectionsTest extends WithCluster {
    @Override
    Cluster started(Path folder) throws IOException {
        return new Cluster(
                folder,
                3,
                config -> config.durable(false).electionTimeout(Duration.ofMillis(100), Duration.ofMillis(200)));
    }

    /** Two that lag are a majority, and by Raft's rules alone one of them would lead. */
    @Test
    void nobodyLeadsWithoutWhatAnotherHas() throws IOException {
        int latest = cluster.leaderOfAll();
        for (int i = 0; i < 10; i++) {
            cluster.append(latest, "everybody has " + i).join();
        }
        cluster.converge();
        cluster.network.isolate(latest);
        // it never hears of this one, and has it in its log
        cluster.append(latest, "one has it").exceptionally(e -> null);
        Cluster.until(() -> cluster.log(latest).status().lastIndex() > 11);
        List<Integer> others = cluster.others(latest);
        cluster.stopAll();

        cluster.nodes.holdElections();
        cluster.startAll();
        Awaitility.await()
                .during(Duration.ofMillis(600))
                .atMost(Cluster.PATIENCE)
                .until(() ->
                        others.stream().map(node -> cluster.log(node).status()).noneMatch(LogStatus::leading));
        cluster.network.heal();
        assertThat(cluster.leader()).isEqualTo(latest);
        cluster.converge();
        assertThat(cluster.listing(others.get(0)).entries()).hasSize(11).endsWith("one has it");
    }

    @Test
    void whenTheyAreFreeTheyElectAmongThemselves() throws IOException {
        int latest = cluster.leaderOfAll();
        cluster.network.isolate(latest);
        cluster.append(latest, "one has it").exceptionally(e -> null);
        Cluster.until(() -> cluster.log(latest).status().lastIndex() > 1);
        List<Integer> others = cluster.others(latest);
        cluster.stopAll();

        cluster.nodes.holdElections();
        cluster.startAll();
        cluster.nodes.freeElections();
        assertThat(others).contains(cluster.leaderAmong(others));
    }
}
