package io.tunabledb.engine.wire;

import io.tunabledb.engine.wire.TcpProxy.Switch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Two nodes on loopback for tests: n1 asks n2, through a proxy or not. */
final class Wires implements AutoCloseable {
    static final Introduction N1_TO_N2 = new Introduction("language", "database", 1, 2);

    final Switch there = new Switch();
    final Switch back = new Switch();
    final Limits limits;
    final ExecutorService workers = Executors.newCachedThreadPool();
    final WireServer server;
    final TcpProxy proxy;
    private final List<Link> links = new ArrayList<>();

    Wires(Answers answers) throws IOException {
        this(answers, new Limits(1 << 21, 64, 64, Duration.ofSeconds(10), Duration.ofSeconds(5)));
    }

    Wires(Answers answers, Limits limits) throws IOException {
        this.limits = limits;
        this.server = WireServer.start("127.0.0.1", 0, service(answers));
        this.proxy = new TcpProxy(server.port(), there, back);
    }

    private NodeService service(Answers answers) {
        return new NodeService(N1_TO_N2, limits, () -> answers, workers);
    }

    Link direct() {
        return to(server.port(), N1_TO_N2);
    }

    Link proxied() {
        return to(proxy.port(), N1_TO_N2);
    }

    Link as(Introduction introduction) {
        return to(server.port(), introduction);
    }

    private Link to(int port, Introduction introduction) {
        Link link = new Link(new Endpoint("localhost", port), introduction, limits);
        links.add(link);
        return link;
    }

    /** Answers with what it was asked. */
    static class Echo implements Answers {
        @Override
        public CompletableFuture<byte[]> answer(byte[] question) {
            return CompletableFuture.completedFuture(question);
        }

        @Override
        public Partner open(byte[] opening) {
            throw new IllegalStateException("no conversation");
        }
    }

    @Override
    public void close() throws IOException {
        links.forEach(Link::close);
        server.close();
        proxy.close();
        workers.shutdownNow();
    }
}
