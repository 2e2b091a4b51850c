package io.tunabledb.engine.wire;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.thirdparty.io.grpc.ClientCall;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Questions to one node, answered in their order, while both ends know of each other: when it breaks, both are told. At most
 * {@link Limits#WINDOW} are without an answer at one time, so neither end keeps more than that; whoever wants to be ahead of
 * the other's work, as a reader of pages, asks that many.
 */
public final class Conversation implements AutoCloseable {
    private final ClientCall<byte[], byte[]> call;
    private final Link link;
    private final CompletableFuture<IOException> broken = new CompletableFuture<>();

    // ---- under the monitor ----
    private final Deque<CompletableFuture<byte[]>> unanswered = new ArrayDeque<>();
    private long asked;
    private long answered;
    private boolean isClosed;
    private @Nullable IOException failure;

    Conversation(ClientCall<byte[], byte[]> call, Link link) {
        this.call = call;
        this.link = link;
    }

    void begin(byte[] opening, Metadata headers) {
        call.start(new Listener(), headers);
        // as many answers as there are questions; none is held back in the network, where it would keep others from
        // passing
        call.request(Integer.MAX_VALUE);
        call.sendMessage(opening);
    }

    /**
     * Asks the next question. What is attached to the answer runs on the network's thread and must not wait.
     *
     * @return fails with an {@link IOException} when the conversation is broken: the question may have been carried out
     * @throws IllegalStateException as many as may be are without an answer, or this end has closed it
     */
    public CompletableFuture<byte[]> ask(byte[] question) {
        if (question.length > link.maxMessageBytes()) {
            return CompletableFuture.failedFuture(Sizes.question(link.peer(), question.length, link.maxMessageBytes()));
        }
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        synchronized (this) {
            if (isClosed) {
                throw new IllegalStateException("the conversation with " + link.peer() + " is closed");
            }
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            if (unanswered.size() >= Limits.WINDOW) {
                throw new IllegalStateException(Limits.WINDOW + " questions to " + link.peer() + " have no answer yet");
            }
            unanswered.add(answer);
            call.sendMessage(Frames.question(++asked, question));
        }
        return answer;
    }

    /** Nobody wants the answer that is being worked on any more. It comes all the same, and says what it came to. */
    public synchronized void cancel() {
        if (failure == null && !isClosed && asked > answered) {
            call.sendMessage(Frames.cancel(answered + 1));
        }
    }

    /** Why it broke, when it does; never completed when this end closes it. Runs on the network's thread and must not wait. */
    public CompletableFuture<IOException> broken() {
        return broken;
    }

    /** Ends it: the other end is told after it has answered what it was asked. */
    @Override
    public synchronized void close() {
        if (!isClosed && failure == null) {
            isClosed = true;
            call.halfClose();
        }
    }

    private final class Listener extends ClientCall.Listener<byte[]> {
        @Override
        public void onMessage(byte[] message) {
            CompletableFuture<byte[]> answer;
            synchronized (Conversation.this) {
                answered++;
                answer = unanswered.poll();
            }
            if (answer == null) {
                call.cancel("an answer to nothing", null);
            } else {
                answer.complete(message);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            List<CompletableFuture<byte[]>> left;
            IOException why;
            boolean isExpected;
            synchronized (Conversation.this) {
                isExpected = isClosed && status.isOk();
                why = status.isOk()
                        ? new IOException(link.peer() + " has ended the conversation")
                        : link.lost(status, null);
                failure = why;
                left = new ArrayList<>(unanswered);
                unanswered.clear();
            }
            left.forEach(answer -> answer.completeExceptionally(why));
            if (!isExpected) {
                broken.complete(why);
            }
        }
    }
}
