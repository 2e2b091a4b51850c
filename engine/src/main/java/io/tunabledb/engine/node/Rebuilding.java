package io.tunabledb.engine.node;

import io.tunabledb.engine.clock.Repeating;
import io.tunabledb.engine.log.LogFailedException;
import io.tunabledb.engine.log.MemoryEndedException;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebuilds a replica that stopped because something is wrong with it: its folder is set aside and it rejoins empty, from
 * the others' snapshot and log; when the others are no majority of voters, it goes on from its own folder. Only a few times an
 * hour, unless its disk or the JVM's memory was the reason: what breaks again and again (a bug) needs a person, and a replica
 * that stays stopped shows it.
 */
final class Rebuilding {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuilding.class);
    private static final int MOST_PER_PERIOD = 3;
    private static final long LOOK_MILLIS = 100;
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

    /** One that stopped, and what is done for it. */
    private static final class Stopped {
        /** By {@link System#nanoTime}. */
        private volatile long dueNanos;

        private volatile long pauseMillis;
        /** Nothing is to be done, or no more. */
        private volatile boolean isSettled;

        private final AtomicBoolean isUnderWay = new AtomicBoolean();

        private void again(long millis) {
            pauseMillis = millis;
            dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        }

        private boolean isDue() {
            return !isSettled && System.nanoTime() - dueNanos >= 0;
        }
    }

    private final Executor executor;
    private final Rebuild rebuild;
    private final Supplier<List<Replica>> replicas;
    /** When each node was rebuilt last, oldest first. */
    private final Map<Integer, Deque<Long>> rebuilt = new HashMap<>();

    private final Map<Replica, Stopped> stopped = new ConcurrentHashMap<>();

    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param replicas those that there are now
     */
    Rebuilding(
            ScheduledExecutorService scheduler, Executor executor, Supplier<List<Replica>> replicas, Rebuild rebuild) {
        this.executor = executor;
        this.replicas = replicas;
        this.rebuild = rebuild;
        ScheduledFuture<?> unused = Repeating.on(scheduler, LOOK_MILLIS, this::look);
    }

    /** How many rebuilds there were. */
    int count() {
        return count.get();
    }

    /**
     * A replica that stopped is found, again at each turn: where memory has ended, a call that tells of it, or a timer's task that is
     * to see to it once, may be lost.
     */
    private void look() {
        List<Replica> all = replicas.get();
        stopped.keySet().retainAll(all);
        for (Replica replica : all) {
            if (replica.failure() != null) {
                failed(replica);
            }
        }
        stopped.forEach((broken, state) -> {
            if (state.isDue() && state.isUnderWay.compareAndSet(false, true)) {
                boolean isTaken = false;
                try {
                    executor.execute(() -> attempt(broken, state));
                    isTaken = true;
                } finally {
                    if (!isTaken) {
                        state.isUnderWay.set(false);
                    }
                }
            }
        });
    }

    /** A replica has stopped for good; its node's own thread goes on. */
    private void failed(Replica broken) {
        if (stopped.containsKey(broken)) {
            return;
        }
        Stopped state = new Stopped();
        int earlier = earlier(broken.node());
        // a disk, and memory, come back, or a person sees to them; what breaks by itself again and again needs one
        boolean isForWant =
                broken.failure() instanceof LogFailedException || MemoryEndedException.isReasonOf(broken.failure());
        state.isSettled = earlier >= MOST_PER_PERIOD && !isForWant;
        state.again(pauseMillis(earlier));
        stopped.put(broken, state);
        if (state.isSettled) {
            LOG.error(
                    "{} was rebuilt {} times within {} minutes and broke again: it stays stopped; find out why, then"
                            + " open the database anew",
                    broken.nodeName(),
                    MOST_PER_PERIOD,
                    PERIOD.toMinutes());
        }
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

    private void attempt(Replica broken, Stopped state) {
        long waited = state.pauseMillis;
        boolean isOver = false;
        try {
            if (rebuild.of(broken)) {
                count.incrementAndGet();
            }
            isOver = true;
        } catch (IllegalStateException e) {
            waited = 0;
            LOG.debug("{} can't be rebuilt just now", broken.nodeName(), e);
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("{} can't be started; it is tried again", broken.nodeName(), e);
        } finally {
            state.again(Math.min(LONGEST_PAUSE.toMillis(), Math.max(PAUSE.toMillis(), 2 * waited)));
            state.isSettled = isOver;
            state.isUnderWay.set(false);
        }
    }
}
