package io.tunabledb.engine.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;

/**
 * One node's end of the transport: what its server sends goes over the network to the peer's server. Ratis's own read
 * index has no message here, see {@link Replica#confirmedIndex}.
 */
final class JvmServerRpc implements RaftServerRpc {
    private final RpcType type;
    private final LocalNodes nodes;
    private final RatisNode self;

    JvmServerRpc(RpcType type, LocalNodes nodes, RatisNode self) {
        this.type = type;
        this.nodes = nodes;
        this.self = self;
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        int to = receiver(request.getServerRequest());
        return nodes.network()
                .call(
                        self.id(),
                        to,
                        () -> Answers.await(
                                running(to, request.getServerRequest()).appendEntriesAsync(request), self.patience()));
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        int to = receiver(request.getServerRequest());
        return nodes.network()
                .call(
                        self.id(),
                        to,
                        () -> running(to, request.getServerRequest()).installSnapshot(request));
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        int to = receiver(request.getServerRequest());
        voter(self.id(), request.getServerRequest());
        return nodes.network()
                .call(self.id(), to, () -> voter(to, request.getServerRequest()).requestVote(request));
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        int to = receiver(request.getServerRequest());
        return nodes.network()
                .call(self.id(), to, () -> voter(to, request.getServerRequest()).startLeaderElection(request));
    }

    /** The server of a node whose replica of the request's shard runs. */
    private RaftServer running(int node, RaftRpcRequestProto request) throws IOException {
        RatisNode found = nodes.get(node);
        if (!found.replica(request.getRaftGroupId()).isAlive()) {
            // asked itself, Ratis would log an error with every attempt
            throw new IOException("the replica of node " + node + " is not running");
        }
        return found.server();
    }

    /** The same, if that replica may take part in elections. */
    private RaftServer voter(int node, RaftRpcRequestProto request) throws IOException {
        RaftServer server = running(node, request);
        if (!nodes.get(node).replica(request.getRaftGroupId()).isVoting()) {
            throw new IOException("node " + node + " is rejoining and takes no part in elections");
        }
        return server;
    }

    private static int receiver(RaftRpcRequestProto request) {
        return NodeIds.node(request.getReplyId());
    }

    @Override
    public void handleException(RaftPeerId peer, Exception e, boolean reconnect) {
        // there is no connection to renew
    }

    @Override
    public void start() {
        // a node can be reached from when it has joined
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        // peers are found by their numbers
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return InetSocketAddress.createUnresolved("node", self.id());
    }

    @Override
    public RpcType getRpcType() {
        return type;
    }

    @Override
    public void close() {
        // the node leaves by itself
    }
}
