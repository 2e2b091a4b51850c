package io.tunabledb.engine.h2.internals;

import io.tunabledb.engine.clock.RunningTime;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads whose stack is chosen by what they do, because H2 goes down a level of the stack for every operator of an
 * expression and every view in a view. A definition is tried on {@link #SHALLOW_BYTES} and applied on {@link
 * #DEEP_BYTES}: how deep a frame is differs between the interpreter and the compilers, by a factor of ten at most, so
 * what passed the trial can't overflow where it would stop a replica.
 */
public final class Stacks {
    /** What is tried has so much: half of what Java gives a thread by itself. */
    public static final long SHALLOW_BYTES = 512 << 10;
    /** What must not fail has so much. Addresses only: memory is taken for what is used of it, until the thread ends. */
    public static final long DEEP_BYTES = 128 << 20;

    private Stacks() {}

    /** A thread that is known to have a deep stack. */
    private static final class Deep extends Thread {
        Deep(Runnable task, String name) {
            super(null, task, name, DEEP_BYTES);
            setDaemon(true);
        }
    }

    /** A thread with a deep stack, not started. */
    public static Thread thread(Runnable task, String name) {
        return new Deep(task, name);
    }

    /** What is run. */
    @FunctionalInterface
    public interface Task<T, X extends Exception> {
        T run() throws X;
    }

    /**
     * Runs a task with a deep stack and waits for it, as if it ran on the calling thread: that thread's interrupts reach
     * it. Costs the start of a thread, about 0.1 ms.
     */
    @SuppressWarnings("unchecked") // a task throws X, or what is not checked
    public static <T, X extends Exception> T deep(Task<T, X> task) throws X {
        if (Thread.currentThread() instanceof Deep) {
            return task.run();
        }
        FutureTask<T> future = new FutureTask<>(task::run);
        Thread thread = new Deep(future, Thread.currentThread().getName());
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    thread.interrupt();
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw (X) e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Runs a task with a shallow stack.
     *
     * @throws ExecutionException what it threw
     * @throws TimeoutException it has not ended in time; its thread goes on
     */
    public static <T> T shallow(Callable<T> task, long timeoutMillis)
            throws ExecutionException, TimeoutException, InterruptedException {
        FutureTask<T> future = new FutureTask<>(task);
        Thread thread = new Thread(null, future, "tunabledb-trial", SHALLOW_BYTES);
        thread.setDaemon(true);
        thread.start();
        return RunningTime.await(future, TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
    }
}
