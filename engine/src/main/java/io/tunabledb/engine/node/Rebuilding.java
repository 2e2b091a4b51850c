package io.tunabledb.engine.node;

import io.tunabledb.engine.log.LogFailedException;
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
 * the others' snapshot and log; when the others are no majority of voters, it goes on from its own folder. Only a few times an
 * hour, unless its disk was the reason: what breaks again and again (a bug) needs a person, and a replica that stays stopped
 * shows it.
 */
final class Rebuilding {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuilding.class);
    private static final int MOST_PER_PERIOD = 3;
    private static final Duration PERIOD = Duration.ofHours(1);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int KEPT_TIMES = 8;

    /** One node's rebuild. */
    @FunctionalInterface
    interface Rebuild {
        /**
         * Stops the node, sets its folder aside and starts it empty, unless it is another replica's by now or was stopped by hand;
         * or starts it from its own folder, when the others are too few.
         *
         * @return whether it was set aside
         * @throws IllegalStateException when its disk has no room just now
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
        int earlier = earlier(broken.node());
        // a disk comes back, or a person mends it; what breaks by itself again and again needs one
        boolean isForDisk = broken.failure() instanceof LogFailedException;
        if (earlier >= MOST_PER_PERIOD && !isForDisk) {
            LOG.error(
                    "{} was rebuilt {} times within {} minutes and broke again: it stays stopped; find out why, then"
                            + " open the database anew",
                    broken.nodeName(),
                    MOST_PER_PERIOD,
                    PERIOD.toMinutes());
            return;
        }
        later(broken, pauseMillis(earlier));
    }

    /** How often its node was rebuilt within the period before this time. */
    private synchronized int earlier(int node) {
        Deque<Long> times = rebuilt.computeIfAbsent(node, any -> new ArrayDeque<>());
        long now = System.nanoTime();
        while (!times.isEmpty() && (now - times.getFirst() > PERIOD.toNanos() || times.size() > KEPT_TIMES)) {
            times.removeFirst();
        }
        times.addLast(now);
        return times.size() - 1;
    }

    private static long pauseMillis(int earlier) {
        return Math.min(LONGEST_PAUSE.toMillis(), PAUSE.toMillis() << Math.min(earlier, KEPT_TIMES));
    }

    private void later(Replica broken, long millis) {
        // what goes wrong in it is logged by it
        ScheduledFuture<?> unused = scheduler.schedule(
                () -> executor.execute(() -> attempt(broken, millis)), millis, TimeUnit.MILLISECONDS);
    }

    private void attempt(Replica broken, long waited) {
        try {
            if (rebuild.of(broken)) {
                count.incrementAndGet();
            }
        } catch (IllegalStateException e) {
            LOG.debug("{} can't be rebuilt just now", broken.nodeName(), e);
            later(broken, PAUSE.toMillis());
        } catch (IOException | RuntimeException e) {
            long next = Math.min(LONGEST_PAUSE.toMillis(), 2 * waited);
            LOG.error("{} can't be started; the next try is in {} ms", broken.nodeName(), next, e);
            later(broken, next);
        }
    }
}
