package io.tunabledb.engine.wire;

import io.tunabledb.engine.clock.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The reading end of pages. It is ahead of its reader by a few pages, which are asked for one by one: a reader that stops has
 * those few here, and the other end makes no more. Not for several threads.
 */
public final class PageReader implements AutoCloseable {
    private final Conversation conversation;
    private final int ahead;
    private final Deque<CompletableFuture<byte[]>> asked = new ArrayDeque<>();
    private boolean isAtEnd;
    private @Nullable IOException failure;

    /**
     * @param conversation with a {@link Pages}
     * @param ahead how many pages may be under way or waiting here, 1 to {@link Limits#WINDOW}
     */
    public PageReader(Conversation conversation, int ahead) {
        if (ahead < 1 || ahead > Limits.WINDOW) {
            throw new IllegalArgumentException(ahead + " pages ahead: 1 to " + Limits.WINDOW);
        }
        this.conversation = conversation;
        this.ahead = ahead;
    }

    /**
     * The next page; null when there is no more.
     *
     * @throws IOException the other end is lost, or gave none by the deadline; the pages before it are what they are
     */
    public byte @Nullable [] next(Deadline deadline) throws IOException {
        if (isAtEnd) {
            return null;
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        ask();
        byte[] page;
        try {
            page = Pages.page(take(asked.remove(), deadline));
        } catch (IOException e) {
            // what comes after it would be taken for it
            failure = e;
            close();
            throw e;
        }
        if (page == null) {
            isAtEnd = true;
            close();
        } else {
            ask();
        }
        return page;
    }

    private void ask() {
        // those that have come and were not taken count, too: they are what memory holds
        while (asked.size() < ahead) {
            asked.add(conversation.ask(new byte[0]));
        }
    }

    private static byte[] take(CompletableFuture<byte[]> answer, Deadline deadline) throws IOException {
        try {
            return deadline.await(answer);
        } catch (TimeoutException e) {
            throw new IOException("no page has come in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while a page was awaited");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException lost) {
                throw new IOException(lost.getMessage(), lost);
            }
            throw new IOException("no page has come: " + e.getCause(), e.getCause());
        }
    }

    /** What is being made is wanted no more. */
    @Override
    public void close() {
        conversation.cancel();
        conversation.close();
    }
}
