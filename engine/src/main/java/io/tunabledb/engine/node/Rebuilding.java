package io.tunabledb.engine.node;

import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebuilds a replica that stopped because something is wrong with it: its folder is set aside and it rejoins empty, from
 * the others' snapshot and log. Only while the others are a majority of voters, and only a few times an hour: what breaks
 * again and again (a full disk, a bug) needs a person, and a replica that stays stopped shows it.
 */
final class Rebuilding {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuilding.class);
    private static final int MOST_PER_PERIOD = 3;
    private static final Duration PERIOD = Duration.ofHours(1);
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** One node's rebuild. */
    @FunctionalInterface
    interface Rebuild {
        /**
         * Stops the node, sets its folder aside and starts it empty, unless it is another replica's by now or was stopped by hand.
         *
         * @return false when it was left alone
         * @throws IllegalStateException when the others are too few just now
         * @throws IOException when the node's folder can't be used
         */
        boolean of(Replica broken) throws IOException;
    }

    private final ScheduledExecutorService scheduler;
    private final Executor executor;
    private final Rebuild rebuild;
    /** When each node was rebuilt last, oldest first. */
    private final Map<Integer, Deque<Long>> rebuilt = new HashMap<>();

    private final AtomicInteger count = new AtomicInteger();

    Rebuilding(ScheduledExecutorService scheduler, Executor executor, Rebuild rebuild) {
        this.scheduler = scheduler;
        this.executor = executor;
        this.rebuild = rebuild;
    }

    /** How many rebuilds there were. */
    int count() {
        return count.get();
    }

    /** A replica has stopped for good; its node's own thread goes on. */
    void failed(Replica broken) {
        if (!isAllowed(broken.node())) {
            LOG.error(
                    "{} was rebuilt {} times within {} minutes and broke again: it stays stopped; find out why, then"
                            + " open the database anew",
                    broken.nodeName(),
                    MOST_PER_PERIOD,
                    PERIOD.toMinutes());
            return;
        }
        later(broken);
    }

    private synchronized boolean isAllowed(int node) {
        Deque<Long> times = rebuilt.computeIfAbsent(node, any -> new ArrayDeque<>());
        long now = System.nanoTime();
        while (!times.isEmpty() && now - times.getFirst() > PERIOD.toNanos()) {
            times.removeFirst();
        }
        if (times.size() >= MOST_PER_PERIOD) {
            return false;
        }
        times.addLast(now);
        return true;
    }

    private void later(Replica broken) {
        // what goes wrong in it is logged by it
        ScheduledFuture<?> unused = scheduler.schedule(
                () -> executor.execute(() -> attempt(broken)), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void attempt(Replica broken) {
        try {
            if (rebuild.of(broken)) {
                count.incrementAndGet();
            }
        } catch (IllegalStateException e) {
            LOG.debug("{} can't be rebuilt just now", broken.nodeName(), e);
            later(broken);
        } catch (IOException e) {
            LOG.error("{} can't be rebuilt; it stays stopped", broken.nodeName(), e);
        }
    }
}
