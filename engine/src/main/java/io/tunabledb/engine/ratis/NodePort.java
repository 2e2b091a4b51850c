package io.tunabledb.engine.ratis;

import io.tunabledb.engine.wire.NodeService;
import io.tunabledb.engine.wire.WireServer;
import java.io.IOException;
import java.util.Set;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;

/**
 * A node's port: what Ratis's servers ask each other, and the node's own services. Ratis would have its clients and its
 * administrators there too, whom it does not ask who they are, and who could remove a shard and its folder; nobody is let
 * through to those. What others send is looked at before Ratis gets it: who has no vote is not asked for one.
 */
final class NodePort implements ServerInterceptor {
    /** Of Ratis's services the one that is for other servers; its read index is not used. */
    private static final String SERVERS = "ratis.grpc.RaftServerProtocolService";

    private static final Set<String> SERVERS_METHODS =
            Set.of("requestVote", "startLeaderElection", "appendEntries", "installSnapshot");

    private final RatisNode self;
    private final NodeService service;
    private final int maxMessageBytes;

    NodePort(RatisNode self, NodeService service, int maxMessageBytes) {
        this.self = self;
        this.service = service;
        this.maxMessageBytes = maxMessageBytes;
    }

    NettyServerBuilder on(NettyServerBuilder port) {
        service.addTo(port);
        return WireServer.withOwnThreads(port, Threads.SHORT)
                .maxInboundMessageSize(Math.max(maxMessageBytes, service.maxFrameBytes()))
                .intercept(this);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String name = String.valueOf(call.getMethodDescriptor().getServiceName());
        if (NodeService.isFor(call)) {
            return next.startCall(call, headers);
        }
        if (!name.equals(SERVERS)
                || !SERVERS_METHODS.contains(call.getMethodDescriptor().getBareMethodName())) {
            call.close(
                    Status.PERMISSION_DENIED.withDescription("n" + self.id()
                            + " is managed by its own process and serves its own database's nodes only"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return new Looked<>(call, next.startCall(call, headers));
    }

    /** Looks at each message on its way to Ratis. */
    private final class Looked<Q> extends org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener<Q> {
        private final ServerCall<?, ?> call;
        private final ServerCall.Listener<Q> ratis;
        private boolean isRefused;

        Looked(ServerCall<?, ?> call, ServerCall.Listener<Q> ratis) {
            this.call = call;
            this.ratis = ratis;
        }

        @Override
        protected ServerCall.Listener<Q> delegate() {
            return ratis;
        }

        @Override
        public void onMessage(Q message) {
            try {
                look(message);
            } catch (IOException | RuntimeException e) {
                isRefused = true;
                call.close(Status.UNAVAILABLE.withDescription(e.getMessage()), new Metadata());
                return;
            }
            super.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            if (!isRefused) {
                super.onHalfClose();
            }
        }
    }

    private void look(Object message) throws IOException {
        if (message instanceof RequestVoteRequestProto vote) {
            Elections.requireVoter(self, vote.getServerRequest());
        } else if (message instanceof StartLeaderElectionRequestProto start) {
            Elections.requireVoter(self, start.getServerRequest());
        } else if (message instanceof AppendEntriesRequestProto append) {
            heard(append.getServerRequest().getRaftGroupId());
        } else if (message instanceof InstallSnapshotRequestProto install) {
            heard(install.getServerRequest().getRaftGroupId());
        }
    }

    private void heard(RaftGroupIdProto group) throws IOException {
        Replica replica = self.replica(group);
        // asked itself, a division that is stopped would log an error with every attempt
        if (!replica.isAlive()) {
            throw new IOException("the replica of node " + self.id() + " is not running");
        }
        replica.heard();
    }
}
