package io.tunabledb.engine.peer;

import io.tunabledb.engine.cut.Peers;
import io.tunabledb.engine.cut.Releases;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.CutMessage;
import io.tunabledb.engine.message.News;
import java.util.concurrent.CompletableFuture;

/** A coordinator of cuts' way to everybody. */
public final class CutPeers implements Peers {
    private final Carrier carrier;
    private final News news;
    private final int nodes;
    private final int shards;

    public CutPeers(Carrier carrier, News news, int nodes, int shards) {
        this.carrier = carrier;
        this.news = news;
        this.nodes = nodes;
        this.shards = shards;
    }

    @Override
    public int shards() {
        return shards;
    }

    @Override
    public boolean hasLeader(int from, int shard) {
        return news.leader(from, shard) != 0;
    }

    @Override
    public CompletableFuture<?> beginEpoch(int from, int shard, long epoch) {
        int to = news.leader(from, shard);
        return to == 0
                ? CompletableFuture.failedFuture(
                        new NotLeaderException("no leader of shard " + shard + " is in reach of n" + from))
                : carrier.ask(from, to, new CutMessage.BeginEpoch(shard, epoch));
    }

    @Override
    public void release(int from, long cut) {
        for (int node = 1; node <= nodes; node++) {
            // one that does not hear it asks
            var unused = carrier.ask(from, node, new CutMessage.Release(cut));
        }
    }

    /** Whoever waits at {@code home} for a release asks everybody in reach, and whoever coordinates to come to an end. */
    public void askForRelease(int home, Releases releases) {
        // who is next to all nodes knows what any of them knows
        for (int node = 1; home != 0 && node <= nodes; node++) {
            var unused =
                    carrier.ask(home, node, new CutMessage.Released()).thenAccept(cut -> releases.raise(home, cut));
        }
        int coordinator = news.leader(home, 0);
        if (coordinator != 0) {
            var unused = carrier.ask(home, coordinator, new CutMessage.FinishNewest());
        }
    }
}
