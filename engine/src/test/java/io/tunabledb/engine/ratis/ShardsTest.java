package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.net.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several shards on the same nodes. */
class ShardsTest {
    private static final UUID DATABASE = UUID.randomUUID();

    @TempDir
    Path directory;

    @Test
    void shardsHaveLogsOfTheirOwnAndComeBack() throws IOException {
        write("first");
        List<List<Listing>> listings = write("second");
        for (List<Listing> node : listings) {
            assertThat(node.get(0).entries()).containsExactly("first in 0", "second in 0");
            assertThat(node.get(1).entries()).containsExactly("first in 1", "second in 1");
        }
    }

    /** Starts three nodes with two shards, appends to each shard, and stops them. */
    private List<List<Listing>> write(String text) throws IOException {
        LocalNodes nodes = new LocalNodes(new Network());
        List<List<Listing>> listings = new ArrayList<>();
        List<RatisConfig> configs = new ArrayList<>();
        for (int node = 1; node <= 3; node++) {
            List<Listing> ofNode = List.of(new Listing(), new Listing());
            listings.add(ofNode);
            IntFunction<ReplicaStateMachine> replicas = ofNode::get;
            configs.add(new TestConfig(node, List.of(1, 2, 3), DATABASE, directory.resolve("node" + node), replicas)
                    .shards(2)
                    .make());
        }
        List<RatisNode> running = RatisNode.startAll(configs, nodes);
        for (int shard = 0; shard < 2; shard++) {
            int here = shard;
            Cluster.until(() -> running.stream().anyMatch(node -> leads(node, here)));
            RatisNode leader = running.stream()
                    .filter(node -> leads(node, here))
                    .findFirst()
                    .orElseThrow();
            byte[] entry = (text + " in " + shard).getBytes(StandardCharsets.UTF_8);
            long index = leader.log(shard)
                    .append(entry, "held " + text + " in " + shard)
                    .join()
                    .index();
            Cluster.until(() ->
                    listings.stream().allMatch(node -> node.get(here).applied().index() >= index));
        }
        running.forEach(RatisNode::close);
        assertThat(listings).allSatisfy(node -> assertThat(node).allMatch(shard -> shard.complaints.isEmpty()));
        return listings;
    }

    private static boolean leads(RatisNode node, int shard) {
        return node.log(shard).status().leading();
    }
}
