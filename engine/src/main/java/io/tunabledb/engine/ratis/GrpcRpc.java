package io.tunabledb.engine.ratis;

import io.tunabledb.engine.wire.NodeService;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.util.ExitUtils;

/**
 * Ratis's transport over gRPC with what this project needs around it: votes only by those who have one, appenders that tell at
 * once what is committed, the node's own services on the same port, and nothing else there. Ratis makes it from its class name.
 */
final class GrpcRpc implements RpcType {
    private static final String NODES = GrpcRpc.class.getName() + ".nodes";
    private static final String SELF = GrpcRpc.class.getName() + ".self";

    static {
        // a server that can't start would end the JVM that it is embedded in
        ExitUtils.disableSystemExit();
    }

    static Parameters parameters(LocalNodes nodes, RatisNode self, NodeService service, int maxMessageBytes) {
        Parameters parameters = new Parameters();
        parameters.put(NODES, nodes, LocalNodes.class);
        parameters.put(SELF, self, RatisNode.class);
        GrpcConfigKeys.Server.setServicesCustomizer(
                parameters, (port, types) -> new NodePort(self, service, maxMessageBytes).on(port));
        return parameters;
    }

    @Override
    public String name() {
        // what the settings say, from which Ratis makes it
        return GrpcRpc.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(parameters);
    }

    private static final class Factory extends GrpcFactory {
        private final LocalNodes nodes;
        private final RatisNode self;

        Factory(Parameters parameters) {
            super(parameters);
            nodes = parameters.getNonNull(NODES, LocalNodes.class);
            self = parameters.getNonNull(SELF, RatisNode.class);
        }

        @Override
        public GrpcServices newRaftServerRpc(RaftServer server) {
            return new GrpcServerRpc(super.newRaftServerRpc(server), nodes, self);
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
            return self.withSharedProperties(() -> new GrpcAppender(server, state, follower, self.snapshotSending()));
        }
    }
}
