package io.tunabledb.guarantees;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Clients at all nodes that read and write registers while somebody hurts the cluster, and the history of it. */
final class Registers {
    private static final int KEYS = 10;
    /** Bounds the search for a linearization; about ten seconds of work on a quiet machine. */
    private static final int MOST_OPERATIONS = 5_000;

    private final Cluster cluster;
    private final String table;
    private final long seed;
    private final AtomicLong nextValue = new AtomicLong();
    private final AtomicLong completed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private volatile boolean stop;

    Registers(Cluster cluster, String table, long seed) throws SQLException {
        this.cluster = cluster;
        this.table = table;
        this.seed = seed;
        cluster.run("CREATE TABLE " + table + "(K INT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.run("INSERT INTO " + table + " SELECT X, 0 FROM SYSTEM_RANGE(1, " + KEYS + ")");
        cluster.awaitCaughtUp();
    }

    /** What hurts the cluster meanwhile. */
    @FunctionalInterface
    interface Nemesis {
        void hurt(Registers load) throws Exception;
    }

    /**
     * Runs two clients at each home until the nemesis is done.
     *
     * @param readLevel the level of reads; writes are LINEARIZABLE
     */
    List<Operation> history(String readLevel, List<Integer> homes, Nemesis nemesis) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<List<Operation>>> parts = new ArrayList<>();
            for (int home : homes) {
                for (int i = 0; i < 2; i++) {
                    int client = parts.size() + 1;
                    parts.add(threads.submit(() -> work(client, home, readLevel)));
                }
            }
            try {
                nemesis.hurt(this);
            } finally {
                stop = true;
            }
            List<Operation> history = new ArrayList<>();
            for (Future<List<Operation>> part : parts) {
                history.addAll(part.get());
            }
            return history;
        } catch (ExecutionException e) {
            throw new AssertionError("a client failed; seed " + seed, e);
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Operation> work(int client, int home, String readLevel) throws SQLException {
        String select = "SELECT V FROM " + table + " WHERE K = ? WITH CONSISTENCY " + readLevel;
        String update = "UPDATE " + table + " SET V = ? WHERE K = ? WITH CONSISTENCY LINEARIZABLE";
        Random random = new Random(seed * 31 + client);
        List<Operation> done = new ArrayList<>();
        try (Client connection = cluster.at(home)) {
            while (!stop && done.size() < MOST_OPERATIONS) {
                int key = 1 + random.nextInt(KEYS);
                boolean isWrite = random.nextInt(3) == 0;
                long value = isWrite ? nextValue.incrementAndGet() : 0;
                long invoked = System.nanoTime();
                try {
                    if (isWrite) {
                        if (connection.update(update, value, key) != 1) {
                            throw new AssertionError("no row of key " + key + "; seed " + seed);
                        }
                    } else {
                        value = connection.number(select, key);
                    }
                    done.add(new Operation(client, key, isWrite, value, invoked, System.nanoTime()));
                    completed.incrementAndGet();
                } catch (SQLException e) {
                    if (isWrite && Refusal.OUTCOME_UNKNOWN.equals(e.getSQLState())) {
                        unknown.incrementAndGet();
                        done.add(Operation.write(client, key, value, invoked, Operation.NEVER));
                    } else if (Refusal.CERTAIN.contains(e.getSQLState())) {
                        refused.incrementAndGet();
                    } else {
                        throw e;
                    }
                }
            }
        }
        return done;
    }

    /** Holds a fault until so many more operations were served under it, or for two seconds. */
    void during(int operations) {
        long enough = completed.get() + operations;
        long deadline = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        Cluster.await("the load to go on", () -> completed.get() >= enough || System.nanoTime() > deadline);
    }

    long seed() {
        return seed;
    }

    @Override
    public String toString() {
        return completed + " served, " + refused + " refused, " + unknown + " unknown";
    }
}
