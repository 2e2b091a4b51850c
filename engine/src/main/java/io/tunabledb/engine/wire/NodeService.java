package io.tunabledb.engine.wire;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerServiceDefinition;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What a node answers on its port: questions, and conversations. gRPC's own threads only pass on; what may wait runs on the
 * node's workers. More at one time than the limits say is refused, and so is whoever is not meant for this node.
 */
public final class NodeService {
    private static final int MAX_TEXT = 1_000;

    private final Introduction self;
    private final Limits limits;
    private final Supplier<? extends @Nullable Answers> answers;
    private final ExecutorService workers;
    private final Semaphore asks;
    private final Semaphore conversations;

    /**
     * @param self how this node is known, as the one that is asked
     * @param answers who answers; null while nobody does
     * @param workers who asks them
     */
    public NodeService(
            Introduction self, Limits limits, Supplier<? extends @Nullable Answers> answers, ExecutorService workers) {
        Quiet.please();
        this.self = self;
        this.limits = limits;
        this.answers = answers;
        this.workers = workers;
        this.asks = new Semaphore(limits.maxAsks());
        this.conversations = new Semaphore(limits.maxConversations());
    }

    /** Adds this to what a port serves, with the limits of the connections to it. */
    public void addTo(NettyServerBuilder port) {
        port.addService(definition())
                .maxInboundMessageSize(limits.maxFrameBytes())
                .handshakeTimeout(limits.silence().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTime(limits.silence().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(limits.patience().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
    }

    /** The longest message that its port must let in. */
    public int maxFrameBytes() {
        return limits.maxFrameBytes();
    }

    /** Whether a call is one to this service: what it does on gRPC's threads waits for nobody. */
    public static boolean isFor(ServerCall<?, ?> call) {
        return Methods.SERVICE.equals(call.getMethodDescriptor().getServiceName());
    }

    private ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(Methods.SERVICE)
                .addMethod(Methods.ASK, this::ask)
                .addMethod(Methods.TALK, this::talk)
                .build();
    }

    private ServerCall.Listener<byte[]> ask(ServerCall<byte[], byte[]> call, Metadata headers) {
        Answers here = admit(call, headers, asks, limits.maxAsks() + " questions are being answered");
        return here == null ? new Refused() : new Asked(call, here);
    }

    private ServerCall.Listener<byte[]> talk(ServerCall<byte[], byte[]> call, Metadata headers) {
        Answers here =
                admit(call, headers, conversations, limits.maxConversations() + " conversations with others are open");
        if (here == null) {
            return new Refused();
        }
        call.request(1);
        return new Hearing(call, here, workers, "n" + self.to(), limits.maxMessageBytes(), conversations::release);
    }

    private @Nullable Answers admit(ServerCall<?, ?> call, Metadata headers, Semaphore room, String full) {
        String refusal = self.refuses(headers);
        if (refusal != null) {
            call.close(Status.FAILED_PRECONDITION.withDescription(refusal), new Metadata());
            return null;
        }
        Answers here = answers.get();
        if (here == null) {
            call.close(Status.UNAVAILABLE.withDescription("n" + self.to() + " is not started"), new Metadata());
            return null;
        }
        if (!room.tryAcquire()) {
            call.close(
                    Status.RESOURCE_EXHAUSTED.withDescription("n" + self.to() + " takes no more: " + full),
                    new Metadata());
            return null;
        }
        return here;
    }

    static Status status(Status kind, String text) {
        return kind.withDescription(text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text);
    }

    /** What comes from one who was refused is nothing. */
    private static final class Refused extends ServerCall.Listener<byte[]> {}

    /** One question. */
    private final class Asked extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> call;
        private final Answers here;
        private byte @Nullable [] question;
        private volatile @Nullable CompletableFuture<byte[]> answer;
        private volatile boolean isCancelled;

        Asked(ServerCall<byte[], byte[]> call, Answers here) {
            this.call = call;
            this.here = here;
            // one more than there is: gRPC looks for the end only then
            call.request(2);
        }

        @Override
        public void onMessage(byte[] message) {
            question = message;
        }

        @Override
        public void onHalfClose() {
            byte[] asked = question;
            question = null;
            if (asked == null) {
                call.close(Status.INTERNAL.withDescription("a question without one"), new Metadata());
                return;
            }
            try {
                workers.execute(() -> answer(asked));
            } catch (java.util.concurrent.RejectedExecutionException e) {
                call.close(Status.UNAVAILABLE.withDescription("n" + self.to() + " is being closed"), new Metadata());
            }
        }

        private void answer(byte[] asked) {
            CompletableFuture<byte[]> working;
            try {
                working = here.answer(asked);
            } catch (RuntimeException | Error e) {
                working = CompletableFuture.failedFuture(e);
            }
            answer = working;
            if (isCancelled) {
                working.cancel(false);
            }
            var unused = working.whenComplete(this::send);
        }

        private void send(byte @Nullable [] given, @Nullable Throwable failure) {
            if (isCancelled) {
                return;
            }
            if (given == null) {
                call.close(status(Status.INTERNAL, "n" + self.to() + " could not answer: " + failure), new Metadata());
            } else if (given.length > limits.maxMessageBytes()) {
                call.close(Sizes.answer(self.to(), given.length, limits.maxMessageBytes()), new Metadata());
            } else {
                call.sendHeaders(new Metadata());
                call.sendMessage(given);
                call.close(Status.OK, new Metadata());
            }
        }

        @Override
        public void onCancel() {
            asks.release();
            isCancelled = true;
            CompletableFuture<byte[]> working = answer;
            if (working != null) {
                working.cancel(false);
            }
        }

        @Override
        public void onComplete() {
            asks.release();
        }
    }
}
