package io.tunabledb.engine.wire;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What gRPC would write for each stranger that comes to a port, and each time a node can't be reached: whoever asks is told, and
 * says it once.
 */
final class Quiet {
    private static final String GRPC = "org.apache.ratis.thirdparty.io.grpc.";

    /** Held here: a logger that nobody holds forgets its level. */
    private static final List<Logger> LOGGERS = List.of(
            Logger.getLogger(GRPC + "netty.NettyServerTransport.connections"),
            Logger.getLogger(GRPC + "internal.ManagedChannelImpl"));

    static {
        LOGGERS.forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private Quiet() {}

    static void please() {
        // done by naming the class
    }
}
