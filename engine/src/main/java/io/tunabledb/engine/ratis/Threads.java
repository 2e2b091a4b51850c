package io.tunabledb.engine.ratis;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for what is short, rare and must not be interrupted: starting, stopping, voting. They end when idle. */
final class Threads {
    static final ExecutorService SHORT =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "tunabledb-node");
                thread.setDaemon(true);
                return thread;
            });

    private Threads() {}
}
