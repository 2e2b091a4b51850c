package io.tunabledb.engine.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.Server;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallExecutorSupplier;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;

/** A port of its own for a {@link NodeService}. */
public final class WireServer implements AutoCloseable {
    private static final long GRACE_MILLIS = 200;
    private static final long PATIENCE_MILLIS = 5_000;

    private final Server server;

    private WireServer(Server server) {
        this.server = server;
    }

    /**
     * Listens.
     *
     * @param port 0 for any that is free
     * @throws IOException the port is taken, or the host is none of this machine's
     */
    public static WireServer start(String host, int port, NodeService service) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        if (port != 0) {
            requireFree(host, port);
        }
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address);
        service.addTo(builder);
        Server server = withOwnThreads(builder, Runnable::run).build();
        try {
            server.start();
        } catch (IOException e) {
            throw taken(host, port, e);
        }
        return new WireServer(server);
    }

    /**
     * Says so in one sentence when a port can't be listened on.
     *
     * @throws IOException the sentence
     */
    public static void requireFree(String host, int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            // a connection that was closed just now does not keep it
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (IOException e) {
            throw taken(host, port, e);
        }
    }

    private static IOException taken(String host, int port, IOException e) {
        return new IOException(
                "this node can't listen on " + host + ":" + port + " (" + e.getMessage()
                        + "): stop what listens there, or give the node another port",
                e);
    }

    /** This service's calls run on gRPC's network threads, as they only pass on; other services' calls on threads of theirs. */
    public static NettyServerBuilder withOwnThreads(NettyServerBuilder builder, Executor others) {
        return builder.directExecutor().callExecutor(new ServerCallExecutorSupplier() {
            @Override
            public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
                return NodeService.isFor(call) ? Runnable::run : others;
            }
        });
    }

    /** The port it listens on. */
    public int port() {
        return server.getPort();
    }

    /** Lets what is being answered end for a moment; what has not ended then is broken at both ends. */
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                boolean isDown = server.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                assert isDown : "the network's threads are held up";
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
