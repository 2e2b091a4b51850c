package io.tunabledb.engine.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.net.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
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

    @Test
    void leadersAreSpreadOverTheNodesAndANodeThatComesBackLeavesThemWhereTheyAre() throws IOException {
        LocalNodes nodes = new LocalNodes(new Network());
        List<Listing> rejoined =
                IntStream.range(0, 4).mapToObj(shard -> new Listing()).toList();
        List<RatisNode> running = new ArrayList<>(RatisNode.startAll(
                IntStream.rangeClosed(1, 3)
                        .mapToObj(node -> spread(node, shard -> new Listing()))
                        .toList(),
                nodes));
        try {
            assertThat(leaders(running)).containsExactly(1, 2, 3, 1);
            running.remove(1).close();
            List<Integer> without = leaders(running);
            assertThat(without).element(0).isEqualTo(1);
            assertThat(without).element(1).isNotEqualTo(2);
            assertThat(without).element(2).isEqualTo(3);
            List<Long> terms = terms(running, without);
            running.add(RatisNode.start(spread(2, rejoined::get), nodes));
            for (int shard = 0; shard < 4; shard++) {
                long index = node(running, without.get(shard))
                        .log(shard)
                        .append(new byte[] {1}, "held")
                        .join()
                        .index();
                int here = shard;
                Cluster.until(() -> rejoined.get(here).applied().index() >= index);
            }
            assertThat(leaders(running)).isEqualTo(without);
            assertThat(terms(running, without)).isEqualTo(terms);
        } finally {
            running.forEach(RatisNode::close);
        }
    }

    /** Four shards, and time enough for a slow machine before anybody else stands for election. */
    private RatisConfig spread(int node, IntFunction<ReplicaStateMachine> replicas) {
        return new TestConfig(node, List.of(1, 2, 3), DATABASE, directory.resolve("spread" + node), replicas)
                .shards(4)
                .durable(false)
                .electionTimeout(Duration.ofSeconds(1), Duration.ofSeconds(2))
                .make();
    }

    /** Who leads each shard, once somebody does. */
    private static List<Integer> leaders(List<RatisNode> running) {
        List<Integer> leaders = new ArrayList<>();
        for (int shard = 0; shard < 4; shard++) {
            int here = shard;
            Cluster.until(() -> running.stream().anyMatch(node -> leads(node, here)));
            leaders.add(running.stream()
                    .filter(node -> leads(node, here))
                    .findFirst()
                    .orElseThrow()
                    .id());
        }
        return leaders;
    }

    private static List<Long> terms(List<RatisNode> running, List<Integer> leaders) {
        return IntStream.range(0, leaders.size())
                .mapToObj(shard ->
                        node(running, leaders.get(shard)).log(shard).status().term())
                .toList();
    }

    private static RatisNode node(List<RatisNode> running, int id) {
        return running.stream().filter(node -> node.id() == id).findFirst().orElseThrow();
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
