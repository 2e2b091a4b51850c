package io.tunabledb.examples.quickstart;

import io.tunabledb.engine.EmbeddedCluster;
import io.tunabledb.examples.quickstart.Operation.Office;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * All operations at once, for a while: first in peace, then with the branch's node cut off and another follower slow,
 * then healed.
 */
final class Traffic {
    private static final Duration SLOW = Duration.ofMillis(15);
    /** How long the last execution of every worker may take to end: the longest wait of any statement, twice. */
    private static final Duration LAST_EXECUTION = Duration.ofSeconds(40);

    private static final int BRANCH_TIMEOUT_MILLIS = 1_000;

    private final String url;
    private final EmbeddedCluster cluster;
    private final Console console;
    private final Map<Operation, Tally> tallies = new LinkedHashMap<>();
    private final Outage outage = new Outage();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Future<?>> workers = new ArrayList<>();

    Traffic(String url, EmbeddedCluster cluster, List<Operation> operations, Console console) {
        this.url = url;
        this.cluster = cluster;
        this.console = console;
        operations.forEach(operation -> tallies.put(operation, new Tally()));
    }

    /** Runs for {@code length}; what went wrong, empty when all was as promised. */
    List<String> run(Duration length) throws InterruptedException {
        int branch = followers().get(0);
        int threads = tallies.keySet().stream().mapToInt(Operation::threads).sum();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            start(pool, branch);
            console.say("%d threads work; the branch office sits next to n%d", threads, branch);
            long startNanos = System.nanoTime();
            carryOnUntil(startNanos, length.toNanos() / 4);
            hurt(branch);
            carryOnUntil(startNanos, length.toNanos() * 3 / 4);
            outage.end();
            cluster.heal();
            console.say("the network is healed");
            carryOnUntil(startNanos, length.toNanos());
            return finish();
        } finally {
            stop.set(true);
            pool.shutdown();
        }
    }

    Map<Operation, Tally> tallies() {
        return tallies;
    }

    Tally tally(Operation operation) {
        return Objects.requireNonNull(tallies.get(operation));
    }

    private void start(ExecutorService pool, int branch) {
        SplittableRandom seeds = new SplittableRandom();
        tallies.forEach((operation, tally) -> {
            String at = operation.office() == Office.CENTRE
                    ? url + Quickstart.PATIENT + "&userType=" + operation.userType()
                    : url + "?home=" + branch + "&consistencyTimeout=" + BRANCH_TIMEOUT_MILLIS + "&userType="
                            + operation.userType();
            for (int i = 0; i < operation.threads(); i++) {
                workers.add(pool.submit(new Worker(at, operation, tally, outage, stop::get, seeds.split())));
            }
        });
    }

    private void hurt(int branch) {
        outage.begin();
        cluster.isolate(branch);
        int slow =
                followers().stream().filter(node -> node != branch).findFirst().orElseThrow();
        cluster.slow(slow, SLOW);
        console.say(
                "n%d is cut off from the others; messages to and from n%d take %d ms more",
                branch, slow, SLOW.toMillis());
    }

    private List<Integer> followers() {
        int leader = cluster.leader();
        List<Integer> followers = new ArrayList<>();
        for (int node = 1; node <= cluster.nodes(); node++) {
            if (node != leader) {
                followers.add(node);
            }
        }
        return followers;
    }

    /** Says once a second how far it is; ends early when a worker has failed. */
    private void carryOnUntil(long startNanos, long afterNanos) throws InterruptedException {
        long nextNanos = System.nanoTime();
        while (System.nanoTime() - startNanos < afterNanos && workers.stream().noneMatch(Future::isDone)) {
            if (System.nanoTime() - nextNanos >= 0) {
                nextNanos += TimeUnit.SECONDS.toNanos(2);
                console.say("%,d operations done, %,d refused", done(), refused());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private long done() {
        return tallies.values().stream().mapToLong(Tally::count).sum();
    }

    private long refused() {
        return tallies.values().stream()
                .flatMap(tally -> tally.refusals().values().stream())
                .mapToLong(Tally.Refusal::count)
                .sum();
    }

    private List<String> finish() throws InterruptedException {
        stop.set(true);
        long deadlineNanos = System.nanoTime() + LAST_EXECUTION.toNanos();
        List<String> wrong = new ArrayList<>();
        for (Future<?> worker : workers) {
            try {
                worker.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                wrong.add(describe(e.getCause()));
            } catch (TimeoutException e) {
                wrong.add("a worker has not ended within " + LAST_EXECUTION.toSeconds() + " s of being told to");
            }
        }
        return wrong;
    }

    private static String describe(@Nullable Throwable failure) {
        return failure instanceof SQLException sql && sql.getSQLState() != null
                ? sql.getSQLState() + " " + sql.getMessage()
                : String.valueOf(failure);
    }
}
