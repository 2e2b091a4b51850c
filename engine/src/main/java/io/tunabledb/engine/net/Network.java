package io.tunabledb.engine.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The network between the nodes of one JVM, numbered from 1. A message from a to b takes the link a→b and its reply the
 * link b→a; each can be cut or slowed alone, so a one-way cut delivers a request and loses its reply, or loses the
 * request. A cut link fails a message at once, as a refused connection does.
 *
 * <p>Safe for use by many threads. Costs one volatile read while nothing is cut or slow.
 */
public final class Network {

    /** A call whose failure to arrive, or whose own failure, is an {@link IOException}. */
    @FunctionalInterface
    public interface Call<T> {
        T run() throws IOException;
    }

    /** Null while nothing is wrong: that is the one cheap question asked with every message. */
    private volatile @Nullable Faults faults;

    /** Cuts both directions between {@code a} and {@code b}. */
    public void cut(int a, int b) {
        change(now -> now.cut(a, b).cut(b, a));
    }

    /** Cuts the link {@code from}→{@code to} only. */
    public void cutOneWay(int from, int to) {
        change(now -> now.cut(from, to));
    }

    /** Cuts {@code node} off from all others, both ways. */
    public void isolate(int node) {
        change(now -> now.isolate(node));
    }

    /** Delays every message on the link {@code from}→{@code to}; zero undoes it. */
    public void delay(int from, int to, Duration delay) {
        change(now -> now.delay(from, to, delay));
    }

    /** Delays every message to and from {@code node}; zero undoes it. */
    public void slow(int node, Duration delay) {
        change(now -> now.slow(node, delay));
    }

    /** Undoes every cut and delay. */
    public void heal() {
        change(now -> Faults.NONE);
    }

    /** Undoes every cut and delay that involves {@code node}. */
    public void heal(int node) {
        change(now -> now.without(node));
    }

    /** Whether a message {@code from}→{@code to} would arrive now, however late. */
    public boolean reaches(int from, int to) {
        Faults now = faults;
        return now == null || now.reaches(from, to);
    }

    /** Whether the link {@code from}→{@code to} is neither cut nor slow. */
    public boolean isUndisturbed(int from, int to) {
        Faults now = faults;
        return now == null || (now.reaches(from, to) && now.delayNanos(from, to) == 0);
    }

    /** How much later a message {@code from}→{@code to} arrives now, in nanoseconds. */
    public long delayNanos(int from, int to) {
        Faults now = faults;
        return now == null ? 0 : now.delayNanos(from, to);
    }

    /** Whether nothing at all is cut or slow. */
    public boolean quiet() {
        return faults == null;
    }

    /**
     * Takes a message over the link {@code from}→{@code to}: blocks the caller for the link's delay.
     *
     * @throws UnreachableException the link is cut
     * @throws java.io.InterruptedIOException the caller was interrupted while the message was under way
     */
    public void pass(int from, int to) throws IOException {
        Faults now = faults;
        if (now == null) {
            return;
        }
        long delayNanos = now.delayNanos(from, to);
        if (delayNanos > 0) {
            sleep(delayNanos);
        }
        // the link may have been cut while the message was under way
        if (!reaches(from, to)) {
            throw new UnreachableException(from, to);
        }
    }

    /** Calls node {@code to} from node {@code from} and takes the reply back, blocking the caller for both delays. */
    public <T> T call(int from, int to, Call<T> call) throws IOException {
        pass(from, to);
        T reply = call.run();
        pass(to, from);
        return reply;
    }

    /** As {@link #call}, without blocking: a delay is waited out by a timer. A lost message is a failed future. */
    public <T> CompletableFuture<T> callAsync(int from, int to, Supplier<CompletableFuture<T>> call) {
        if (quiet()) {
            return call.get();
        }
        return passAsync(from, to)
                .thenCompose(arrived -> call.get())
                .thenCompose(reply -> passAsync(to, from).thenApply(arrived -> reply));
    }

    private CompletableFuture<Void> passAsync(int from, int to) {
        Faults now = faults;
        long delayNanos = now == null ? 0 : now.delayNanos(from, to);
        if (delayNanos == 0) {
            return reaches(from, to)
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(new UnreachableException(from, to));
        }
        var later = CompletableFuture.delayedExecutor(delayNanos, TimeUnit.NANOSECONDS);
        return CompletableFuture.runAsync(
                () -> {
                    if (!reaches(from, to)) {
                        throw new CompletionException(new UnreachableException(from, to));
                    }
                },
                later);
    }

    private synchronized void change(UnaryOperator<Faults> change) {
        Faults next = change.apply(Objects.requireNonNullElse(faults, Faults.NONE));
        faults = next.isEmpty() ? null : next;
    }

    private static void sleep(long nanos) throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted while a message was under way");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
