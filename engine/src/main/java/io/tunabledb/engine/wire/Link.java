package io.tunabledb.engine.wire;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ClientCall;
import org.apache.ratis.thirdparty.io.grpc.ConnectivityState;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The way to one other node. It connects when something is asked, looks the host's name up each time it does, and tries again
 * soon after it could not. A question is sent once and never again by itself: what is lost may have been carried out.
 */
public final class Link implements AutoCloseable {
    private final ManagedChannel channel;
    private final Introduction introduction;
    private final Limits limits;
    private final String peer;
    /** When a connection was last asked for before its time, as {@link System#nanoTime} reads. */
    private final AtomicLong hurriedNanos = new AtomicLong(System.nanoTime());

    public Link(Endpoint to, Introduction introduction, Limits limits) {
        Quiet.please();
        this.introduction = introduction;
        this.limits = limits;
        this.peer = "n" + introduction.to() + " at " + to;
        this.channel = NettyChannelBuilder.forAddress(to.host(), to.port())
                .usePlaintext()
                .directExecutor()
                .disableRetry()
                .disableServiceConfigLookUp()
                // nodes reach each other directly, whatever this machine's way to the rest of the world is
                .proxyDetector(address -> null)
                .maxInboundMessageSize(limits.maxFrameBytes())
                .keepAliveTime(limits.silence().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(limits.patience().toNanos(), TimeUnit.NANOSECONDS)
                .build();
    }

    /**
     * Asks a question. What is attached to the answer runs on the network's thread and must not wait; to cancel it is to tell the
     * other node that nobody waits.
     *
     * @param within how long until nobody waits for the answer any more
     * @return fails with an {@link IOException} when question or answer was lost, with an {@link SQLException} when the
     *     question is too long to be asked
     */
    public CompletableFuture<byte[]> ask(byte[] question, Duration within) {
        if (question.length > limits.maxMessageBytes()) {
            return CompletableFuture.failedFuture(Sizes.question(peer, question.length, limits.maxMessageBytes()));
        }
        hurry();
        ClientCall<byte[], byte[]> call = channel.newCall(
                Methods.ASK, CallOptions.DEFAULT.withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS));
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        call.start(new Asked(answer, within), introduction.headers());
        call.request(2);
        call.sendMessage(question);
        call.halfClose();
        var unused = answer.whenComplete((given, failure) -> {
            if (answer.isCancelled()) {
                call.cancel("nobody waits any more", null);
            }
        });
        return answer;
    }

    /**
     * Opens a conversation. Whether the other end can be reached shows with the first answer.
     *
     * @throws SQLException the opening is too long to be sent
     */
    public Conversation open(byte[] opening) throws SQLException {
        if (opening.length > limits.maxMessageBytes()) {
            throw Sizes.question(peer, opening.length, limits.maxMessageBytes());
        }
        hurry();
        ClientCall<byte[], byte[]> call = channel.newCall(Methods.TALK, CallOptions.DEFAULT);
        Conversation conversation = new Conversation(call, this);
        conversation.begin(opening, introduction.headers());
        return conversation;
    }

    int maxMessageBytes() {
        return limits.maxMessageBytes();
    }

    String peer() {
        return peer;
    }

    /** gRPC waits longer each time, up to minutes, before it connects again; whoever has something to ask does not. */
    private void hurry() {
        if (channel.getState(false) != ConnectivityState.TRANSIENT_FAILURE) {
            return;
        }
        long last = hurriedNanos.get();
        long now = System.nanoTime();
        if (now - last > Limits.BACKOFF.toNanos() && hurriedNanos.compareAndSet(last, now)) {
            channel.resetConnectBackoff();
        }
    }

    IOException lost(Status status, @Nullable Duration within) {
        String text = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        Throwable cause = status.getCause();
        String why = switch (status.getCode()) {
            case DEADLINE_EXCEEDED ->
                peer + " has not answered" + (within == null ? "" : " within " + within.toMillis() + " ms");
            // what the other node says of itself
            case FAILED_PRECONDITION, RESOURCE_EXHAUSTED, INTERNAL, INVALID_ARGUMENT -> text;
            case UNAVAILABLE -> peer + " can't be reached: " + text + reason(cause);
            default -> "what was asked of " + peer + " or its answer is lost: " + status.getCode() + ", " + text;
        };
        return new IOException(why, cause);
    }

    private static String reason(@Nullable Throwable cause) {
        Throwable deepest = cause;
        for (int depth = 0; deepest != null && deepest.getCause() != null && depth < 8; depth++) {
            deepest = deepest.getCause();
        }
        return deepest == null ? "" : ", " + deepest.getMessage();
    }

    /** Breaks what is under way. */
    @Override
    public void close() {
        channel.shutdownNow();
    }

    private final class Asked extends ClientCall.Listener<byte[]> {
        private final CompletableFuture<byte[]> answer;
        private final Duration within;
        private byte @Nullable [] given;

        Asked(CompletableFuture<byte[]> answer, Duration within) {
            this.answer = answer;
            this.within = within;
        }

        @Override
        public void onMessage(byte[] message) {
            given = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            byte[] found = given;
            if (status.isOk() && found != null) {
                answer.complete(found);
            } else {
                answer.completeExceptionally(lost(status, within));
            }
        }
    }
}
