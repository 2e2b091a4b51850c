package io.tunabledb.engine.shard.life;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Threads for what must hold up neither the log's thread nor the timer's.
 *
 * @param executor runs what takes its time
 * @param timer starts what is due, and is quick
 */
public record Workers(Executor executor, ScheduledExecutorService timer) {

    /** Runs it; when there are no threads any more, because the node is being closed, on this one. */
    public void executeOrRun(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }
}
