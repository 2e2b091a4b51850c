package io.tunabledb.engine.ratis;

import io.tunabledb.engine.wire.Addresses;
import io.tunabledb.engine.wire.NodeService;
import java.util.function.IntFunction;

/**
 * How nodes reach each other that are not, or act as if they were not, in one JVM: over gRPC, each on one port.
 *
 * @param addresses where they listen and are found
 * @param services what else a node serves on its port
 */
public record Sockets(Addresses addresses, IntFunction<NodeService> services) {}
