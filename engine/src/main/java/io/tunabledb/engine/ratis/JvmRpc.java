package io.tunabledb.engine.ratis;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/** The Ratis transport whose messages are method calls on the peers in this JVM. Ratis makes it from its class name. */
final class JvmRpc implements RpcType {
    private static final String NODES = JvmRpc.class.getName() + ".nodes";
    private static final String SELF = JvmRpc.class.getName() + ".self";

    static Parameters parameters(LocalNodes nodes, RatisNode self) {
        Parameters parameters = new Parameters();
        parameters.put(NODES, nodes, LocalNodes.class);
        parameters.put(SELF, self, RatisNode.class);
        return parameters;
    }

    @Override
    public String name() {
        // what the settings say, from which Ratis makes it
        return JvmRpc.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        LocalNodes nodes = parameters.getNonNull(NODES, LocalNodes.class);
        RatisNode self = parameters.getNonNull(SELF, RatisNode.class);
        return new Factory(this, nodes, self);
    }

    private record Factory(JvmRpc type, LocalNodes nodes, RatisNode self) implements ServerFactory {
        @Override
        public RpcType getRpcType() {
            return type;
        }

        @Override
        public RaftServerRpc newRaftServerRpc(RaftServer server) {
            return new JvmServerRpc(type, nodes, self);
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
            Lease lease = self.replica(server.getMemberId().getGroupId()).lease();
            JvmServerRpc rpc = (JvmServerRpc) server.getRaftServer().getServerRpc();
            return self.withSharedProperties(() -> new PromptAppender(server, state, follower, rpc, lease));
        }
    }
}
