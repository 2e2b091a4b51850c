package io.tunabledb.guarantees;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that go on doing one thing until this is closed; what one of them throws is thrown by close. */
final class Background implements AutoCloseable {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean stop;

    /** One turn of what is done again and again. */
    @FunctionalInterface
    interface Turn {
        void run(Client client) throws Exception;
    }

    /** Repeats {@code turn} with a client of its own. */
    Background repeat(Cluster cluster, int home, Turn turn, String... properties) {
        running.add(threads.submit(() -> {
            try (Client client = cluster.at(home, properties)) {
                while (!stop) {
                    turn.run(client);
                }
            }
            return null;
        }));
        return this;
    }

    @Override
    public void close() {
        stop = true;
        try {
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a background client failed", e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("a background client did not end", e);
        } finally {
            threads.shutdownNow();
        }
    }
}
