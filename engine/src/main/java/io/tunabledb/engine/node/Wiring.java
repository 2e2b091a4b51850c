package io.tunabledb.engine.node;

import io.tunabledb.engine.message.Carrier;
import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.peer.InProcess;
import io.tunabledb.engine.peer.Member;
import io.tunabledb.engine.peer.OverGrpc;
import io.tunabledb.engine.ratis.LocalNodes;
import io.tunabledb.engine.ratis.Sockets;
import io.tunabledb.engine.wire.Addresses;
import io.tunabledb.engine.wire.Limits;
import java.lang.reflect.InvocationTargetException;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/**
 * How the nodes of a database reach each other: by method calls, or over gRPC though they run in one JVM, which is for tests. What
 * still goes by references between nodes goes so in both.
 *
 * @param inProcess who is there, and what they hear of each other
 * @param carrier what moves messages
 * @param local Ratis's nodes
 * @param joining where a node that is started is made known
 * @param ending ends what was opened for this
 */
record Wiring(InProcess inProcess, Carrier carrier, LocalNodes local, Joining joining, Runnable ending) {
    /** Names a class of {@link Addresses} that is made with a {@link Network}: then the nodes talk over gRPC. For tests. */
    private static final String ADDRESSES = "tunabledb.internal.addresses";

    /** What a message has around the changes of a transaction. */
    private static final int OVERHEAD_BYTES = 1 << 20;

    /** Is told of a node that is started. */
    @FunctionalInterface
    interface Joining {
        void join(Member member);
    }

    static Wiring of(UUID database, Nodes.NodeOptions options, ExecutorService workers) {
        Network network = new Network();
        InProcess inProcess = new InProcess(network, options.nodes());
        String addresses = System.getProperty(ADDRESSES);
        return addresses == null
                ? new Wiring(inProcess, inProcess, new LocalNodes(network), inProcess::join, () -> {})
                : OverSockets.wiring(made(addresses, network), inProcess, network, database, options, workers);
    }

    private static Addresses made(String type, Network network) {
        try {
            return Class.forName(type)
                    .asSubclass(Addresses.class)
                    .getConstructor(Network.class)
                    .newInstance(network);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(ADDRESSES + "=" + type + " can't be made", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(ADDRESSES + "=" + type + " can't be made", e);
        }
    }

    /** By itself, so that databases without a network load none of it. */
    private static final class OverSockets {
        private OverSockets() {}

        static Wiring wiring(
                Addresses addresses,
                InProcess inProcess,
                Network network,
                UUID database,
                Nodes.NodeOptions options,
                ExecutorService workers) {
            OverGrpc carrier = new OverGrpc(
                    inProcess,
                    addresses,
                    database,
                    options.nodes(),
                    Limits.of(options.maxTransactionBytes() + OVERHEAD_BYTES),
                    workers);
            return new Wiring(
                    inProcess,
                    carrier,
                    new LocalNodes(network, new Sockets(addresses, carrier::service)),
                    member -> {
                        inProcess.join(member);
                        carrier.join(member);
                    },
                    () -> {
                        carrier.close();
                        close(addresses);
                    });
        }

        private static void close(Addresses addresses) {
            if (addresses instanceof AutoCloseable opened) {
                try {
                    opened.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
