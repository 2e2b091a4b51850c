package io.tunabledb.engine.node;

import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a node whose disk alone has no room. It goes on as a follower, whose log waits until there is room again, and
 * holds up no other; what it leads it gives away. A replica that leads and can't, or that waits for something else than room,
 * which does not pass, is stopped, and rebuilt by the others.
 */
final class ShortDisk implements DiskWatch.Alone {
    private static final Logger LOG = LoggerFactory.getLogger(ShortDisk.class);

    private final int nodes;
    private final IntFunction<List<Replica>> replicas;
    private final IntPredicate isVoting;

    /**
     * @param replicas a node's
     * @param isVoting whether a node runs and has its vote
     */
    ShortDisk(int nodes, IntFunction<List<Replica>> replicas, IntPredicate isVoting) {
        this.nodes = nodes;
        this.replicas = replicas;
        this.isVoting = isVoting;
    }

    @Override
    public void isShort(int node, IntPredicate hasRoom) {
        List<Replica> led = replicas.apply(node).stream()
                .filter(replica -> replica.isAlive() && replica.status().leading())
                .toList();
        int[] able = IntStream.rangeClosed(1, nodes)
                .filter(other -> other != node && hasRoom.test(other) && isVoting.test(other))
                .toArray();
        if (able.length == 0) {
            return;
        }
        for (Replica replica : led) {
            int to = able[replica.shard() % able.length];
            LOG.warn("n{} has no room on its disk and gives the lead of shard {} to n{}", node, replica.shard(), to);
            replica.handOver(to);
        }
    }

    @Override
    public void waits(int node, boolean isLong) {
        for (Replica replica : replicas.apply(node)) {
            Shortage found = replica.isAlive() ? replica.diskShortage() : null;
            if (found != null && (!found.isFull() || (isLong && replica.status().leading()))) {
                replica.endLog(new IOException(found.text()));
            }
        }
    }
}
