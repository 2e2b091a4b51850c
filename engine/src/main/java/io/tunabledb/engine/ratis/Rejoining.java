package io.tunabledb.engine.ratis;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the replicas of a node that lost its directory vote again, each when it has caught up; see {@link RatisNode}. */
final class Rejoining {
    private static final Logger LOG = LoggerFactory.getLogger(Rejoining.class);
    private static final int RETRY_MILLIS = 50;

    private Rejoining() {}

    static void begin(RatisConfig config, List<Replica> replicas) {
        // an election the node voted in before it was wiped gives up after its own timeout
        long pauseMillis = 2 * config.electionTimeoutMax().toMillis();
        Executor afterElections = CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS);
        for (Replica replica : replicas) {
            afterElections.execute(() -> ask(config, replica));
        }
    }

    private static void ask(RatisConfig config, Replica replica) {
        if (!replica.isClosed()) {
            var unused = replica.readIndex().whenComplete((index, failure) -> {
                if (failure == null) {
                    await(config, replica, index);
                } else {
                    retry(() -> ask(config, replica));
                }
            });
        }
    }

    private static void await(RatisConfig config, Replica replica, long index) {
        if (replica.appliedIndex() >= index) {
            LOG.info("node {} has caught up to {} and votes again", config.node(), index);
            replica.allowVoting();
        } else if (!replica.isClosed()) {
            retry(() -> await(config, replica, index));
        }
    }

    private static void retry(Runnable step) {
        CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS).execute(step);
    }
}
