package io.tunabledb.engine.node;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a database's nodes beside those of their logs.
 *
 * @param executor runs what may wait
 * @param timer runs what is short, at its time
 */
record Workers(ExecutorService executor, ScheduledExecutorService timer) {

    Workers() {
        this(
                Executors.newCachedThreadPool(daemons("tunabledb-work")),
                Executors.newSingleThreadScheduledExecutor(daemons("tunabledb-timer")));
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    void stop() {
        executor.shutdown();
        timer.shutdownNow();
    }
}
