package io.tunabledb.engine.peer;

import io.tunabledb.engine.codec.Form;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.wire.Addresses;
import io.tunabledb.engine.wire.Introduction;
import io.tunabledb.engine.wire.Limits;
import io.tunabledb.engine.wire.Link;
import io.tunabledb.engine.wire.NodeService;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages over gRPC, as bytes, to the handlers that answer them in process. What a node asks itself, and what is asked
 * for a session that is next to all nodes, takes no network.
 *
 * <p>A question is sent once. That it or its answer is lost shows as an {@link IOException}, at the latest a while after the
 * message's own time; what was asked may have been done.
 */
public final class OverGrpc implements Carrier, AutoCloseable {
    /** The other node says itself that its time is up, and is believed: this end waits longer. */
    private static final Duration LATE = Duration.ofSeconds(2);

    private final Carrier inProcess;
    private final Addresses addresses;
    private final Limits limits;
    private final String language = Language.ofThisVersion();
    private final String database;
    private final ExecutorService workers;
    private final AtomicReferenceArray<@Nullable Serving> members;
    private final Map<Way, Link> links = new ConcurrentHashMap<>();
    private volatile boolean isClosed;

    private record Way(int from, int to) {}

    /**
     * @param inProcess what takes no network
     * @param nodes how many there are
     * @param limits what bounds the messages
     * @param workers run what may wait
     */
    public OverGrpc(
            Carrier inProcess, Addresses addresses, UUID database, int nodes, Limits limits, ExecutorService workers) {
        this.inProcess = inProcess;
        this.addresses = addresses;
        this.limits = limits;
        this.database = database.toString();
        this.workers = workers;
        this.members = new AtomicReferenceArray<>(nodes + 1);
    }

    /** What is to be served on a node's port. It answers from when the node joins. */
    public NodeService service(int node) {
        return new NodeService(introduction(0, node), limits, () -> members.get(node), workers);
    }

    /** A node is started: from now on it answers; who answered for it before does no longer. */
    public void join(Member member) {
        members.set(member.node(), new Serving(member));
    }

    private Introduction introduction(int from, int to) {
        return new Introduction(language, database, from, to);
    }

    @Override
    public <A> CompletableFuture<A> ask(int from, int to, Message<A> message) {
        if (from == 0 || from == to) {
            return inProcess.ask(from, to, message);
        }
        // who waits for it must not hold up the network's threads
        CompletableFuture<byte[]> reply = send(from, to, message);
        CompletableFuture<A> answer = reply.thenComposeAsync(bytes -> read(message, bytes, to), workers);
        var unused = answer.whenComplete((given, failure) -> {
            if (answer.isCancelled()) {
                reply.cancel(false);
            }
        });
        return answer;
    }

    @Override
    public <A> A call(int from, int to, Message<A> message) throws IOException {
        if (from == 0 || from == to) {
            return inProcess.call(from, to, message);
        }
        CompletableFuture<byte[]> reply = send(from, to, message);
        try {
            return read(message, reply.get(), to).join();
        } catch (InterruptedException e) {
            reply.cancel(false);
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while n" + to + " was asked");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException | CompletionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException lost) {
                throw lost;
            }
            throw cause instanceof RuntimeException failure ? failure : new CompletionException(cause);
        }
    }

    private CompletableFuture<byte[]> send(int from, int to, Message<?> message) {
        if (isClosed) {
            return CompletableFuture.failedFuture(new IOException("n" + from + " is closed"));
        }
        Link link = links.computeIfAbsent(
                new Way(from, to), way -> new Link(addresses.reached(from, to), introduction(from, to), limits));
        return link.ask(Copies.bytes(message), message.within().plus(LATE));
    }

    @SuppressWarnings("unchecked") // of the type that the message names
    private static <A> CompletableFuture<A> read(Message<A> message, byte[] reply, int node) {
        Form<Object> form = Copies.answers(message);
        try {
            return (CompletableFuture<A>) Replies.read(form, reply, node);
        } catch (IllegalStateException e) {
            return CompletableFuture.failedFuture(new IOException("n" + node + " answered what is no answer", e));
        }
    }

    /** Breaks what is under way. */
    @Override
    public void close() {
        isClosed = true;
        links.values().forEach(Link::close);
    }
}
