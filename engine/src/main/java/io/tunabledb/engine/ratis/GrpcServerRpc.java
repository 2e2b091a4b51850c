package io.tunabledb.engine.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;

/** One node's end of Ratis's transport over gRPC: Ratis's own, which asks for votes only when it may. */
final class GrpcServerRpc implements GrpcServices {
    private final GrpcServicesImpl ratis;
    private final Elections elections;
    private final RatisNode self;

    GrpcServerRpc(GrpcServices ratis, LocalNodes nodes, RatisNode self) {
        this.ratis = (GrpcServicesImpl) ratis;
        this.elections = new Elections(nodes, self);
        this.self = self;
    }

    GrpcServicesImpl ratis() {
        return ratis;
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        elections.requireMayAsk(request);
        return ratis.requestVote(request);
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        Elections.requireVoter(self, request.getServerRequest());
        return ratis.startLeaderElection(request);
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) {
        return ratis.appendEntries(request);
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) {
        return ratis.installSnapshot(request);
    }

    @Override
    public void start() throws IOException {
        ratis.start();
    }

    @Override
    public void close() throws IOException {
        ratis.close();
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return ratis.getInetSocketAddress();
    }

    @Override
    public InetSocketAddress getClientServerAddress() {
        return ratis.getClientServerAddress();
    }

    @Override
    public InetSocketAddress getAdminServerAddress() {
        return ratis.getAdminServerAddress();
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        ratis.addRaftPeers(peers);
    }

    @Override
    public void handleException(RaftPeerId peer, Exception e, boolean reconnect) {
        ratis.handleException(peer, e, reconnect);
    }

    @Override
    public void notifyNotLeader(RaftGroupId group) {
        ratis.notifyNotLeader(group);
    }

    @Override
    public RaftServerAsynchronousProtocol async() {
        return ratis.async();
    }

    @Override
    public RpcType getRpcType() {
        return ratis.getRpcType();
    }
}
