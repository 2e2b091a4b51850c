package io.tunabledb.engine.wire;

import io.tunabledb.engine.net.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Nodes that listen on loopback and reach each other through proxies, one for each direction of asking, which do to their bytes
 * what a {@link Network} is told to do to messages: every fault test of one JVM runs over sockets so.
 */
public final class LoopbackNodes implements Addresses, AutoCloseable {
    private final Network network;
    private final Map<Integer, Endpoint> ports = new ConcurrentHashMap<>();
    private final Map<Way, TcpProxy> proxies = new ConcurrentHashMap<>();

    private record Way(int from, int to) {}

    /** The bytes from one node to another. */
    private record Link(Network network, int from, int to) implements TcpProxy.Road {
        @Override
        public boolean isOpen() {
            return network.reaches(from, to);
        }

        @Override
        public long delayNanos() {
            return network.delayNanos(from, to);
        }
    }

    public LoopbackNodes(Network network) {
        this.network = network;
    }

    @Override
    public Endpoint listens(int node) {
        return ports.computeIfAbsent(node, unused -> new Endpoint("127.0.0.1", free()));
    }

    /** One that nobody has just now; who is quicker than the node has it, and the node says so. */
    private static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Endpoint reached(int from, int to) {
        TcpProxy proxy = proxies.computeIfAbsent(new Way(from, to), way -> {
            try {
                return new TcpProxy(listens(to).port(), new Link(network, from, to), new Link(network, to, from));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new Endpoint("localhost", proxy.port());
    }

    @Override
    public void close() {
        proxies.values().forEach(TcpProxy::close);
    }
}
