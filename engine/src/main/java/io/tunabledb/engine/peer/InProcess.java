package io.tunabledb.engine.peer;

import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.message.Message;
import io.tunabledb.engine.message.News;
import io.tunabledb.engine.message.ReplicaNews;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.shard.Replica;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The carrier between the nodes of one JVM: hands the message itself to the handler, on the caller's thread, over a network
 * that can be cut and slowed. News is looked up where it is made.
 *
 * <p>Where assertions are on, as in every test, what arrives is what was written to bytes and read back: nothing can hide in a
 * message that only one JVM could carry.
 */
public final class InProcess implements Carrier, News {
    private static final boolean COPIES = InProcess.class.desiredAssertionStatus();

    private final Network network;
    private final AtomicReferenceArray<@Nullable Member> members;

    /**
     * @param nodes how many there are; each is missing until it {@linkplain #join joins}
     */
    public InProcess(Network network, int nodes) {
        this.network = network;
        this.members = new AtomicReferenceArray<>(nodes + 1);
    }

    /** A node is started: from now on it answers; who answered for it before does no longer. */
    public void join(Member member) {
        members.set(member.node(), member);
    }

    @Override
    public <A> CompletableFuture<A> ask(int from, int to, Message<A> message) {
        return isBesideAll(from) ? answer(to, message) : network.callAsync(from, to, () -> answer(to, message));
    }

    @Override
    public <A> A call(int from, int to, Message<A> message) throws IOException {
        try {
            return isBesideAll(from)
                    ? answer(to, message).join()
                    : network.call(from, to, () -> answer(to, message).join());
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException lost) {
                throw lost;
            }
            throw cause instanceof RuntimeException failure ? failure : e;
        }
    }

    /**
     * Whether a session reads a node's replicas by reference: in one process it may, whichever node it is next to. Where
     * assertions are on it does so at its own node only, so that whatever else it reads went through bytes.
     */
    public boolean isBeside(int from, int to) {
        return !COPIES || isBesideAll(from) || from == to;
    }

    private static boolean isBesideAll(int from) {
        return from == 0;
    }

    private <A> CompletableFuture<A> answer(int to, Message<A> message) {
        Member there = members.get(to);
        if (there == null) {
            return CompletableFuture.failedFuture(new IOException("node n" + to + " is not started"));
        }
        return COPIES
                ? Handlers.answer(there, Copies.of(message)).thenApply(answer -> Copies.ofAnswer(message, answer))
                : Handlers.answer(there, message);
    }

    @Override
    public int leader(int from, int shard) {
        int leader = 0;
        long term = -1;
        for (int node = 1; node < members.length(); node++) {
            Member member = members.get(node);
            if (member != null && (isBesideAll(from) || network.reaches(from, node))) {
                LogStatus status = member.replica(shard).status();
                if (status.leading() && status.term() > term) {
                    leader = node;
                    term = status.term();
                }
            }
        }
        return leader;
    }

    @Override
    public @Nullable ReplicaNews replica(int from, int node, int shard) {
        Member member = members.get(node);
        if (member == null || !isHeard(from, node)) {
            return null;
        }
        Replica replica = member.replica(shard);
        return replica.isServing()
                ? new ReplicaNews(
                        node,
                        shard,
                        replica.isReady(),
                        replica.status(),
                        replica.applied(),
                        replica.stalenessNanos(),
                        replica.load())
                : null;
    }

    /** Whether both hear each other: news is what came of asking. */
    private boolean isHeard(int from, int node) {
        return isBesideAll(from) || from == node || (network.reaches(from, node) && network.reaches(node, from));
    }
}
