package io.tunabledb.engine.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a peer's answer: not for ever, because a peer that is stopped while it writes its log never gives one. */
final class Answers {
    private Answers() {}

    static <T> T await(CompletableFuture<T> answer, Duration patience) throws IOException {
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer in " + patience.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted while waiting for an answer");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
