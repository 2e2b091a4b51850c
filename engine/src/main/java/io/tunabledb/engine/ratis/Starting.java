package io.tunabledb.engine.ratis;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that start nodes; they end soon after. */
final class Starting {
    static final ExecutorService THREADS =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "tunabledb-start");
                thread.setDaemon(true);
                return thread;
            });

    private Starting() {}
}
