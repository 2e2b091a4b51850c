package io.tunabledb.engine.ratis;

import io.tunabledb.engine.net.Network;
import io.tunabledb.engine.ratis.files.NodeIds;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
public final class JvmServerRpc implements RaftServerRpc {
    private static final int LOOK_MILLIS = 50;

    private final RpcType type;
    private final LocalNodes nodes;
    private final RatisNode self;
    private final Elections elections;

    JvmServerRpc(RpcType type, LocalNodes nodes, RatisNode self) {
        this.type = type;
        this.nodes = nodes;
        this.self = self;
        this.elections = new Elections(nodes, self);
    }

    /** As {@link #appendEntries(AppendEntriesRequestProto)}, on the caller's thread. */
    AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request, Shield shield) throws IOException {
        return call(request.getServerRequest(), true, peer -> shield.run(() -> peer.appendEntriesAsync(request)));
    }

    /** Whether no message is held up or lost on its way, so that nobody need wait for one. */
    boolean isQuiet() {
        return nodes.network().quiet();
    }

    /**
     * As {@link #appendEntries(AppendEntriesRequestProto, Shield)}, without waiting for the answer, which never comes when
     * the peer is stopped meanwhile and counts only if it {@linkplain #hearsAnswer is heard}.
     */
    CompletableFuture<AppendEntriesReplyProto> appendEntriesAsync(AppendEntriesRequestProto request, Shield shield)
            throws IOException {
        RaftRpcRequestProto about = request.getServerRequest();
        int to = NodeIds.node(about.getReplyId());
        nodes.network().pass(self.id(), to);
        RatisNode node = nodes.get(to);
        Replica peer = node.replica(about.getRaftGroupId());
        requireRunning(peer, to);
        peer.heard();
        try {
            return shield.run(() -> node.server().appendEntriesAsync(request));
        } catch (RuntimeException e) {
            throw new IOException("node " + to + " could not answer", e);
        }
    }

    /** Whether a peer's answer arrives now. */
    boolean hearsAnswer(AppendEntriesRequestProto request) {
        return nodes.network().reaches(NodeIds.node(request.getServerRequest().getReplyId()), self.id());
    }

    /** Whether the peer that a request went to still runs. */
    boolean isRunning(AppendEntriesRequestProto request) {
        RaftRpcRequestProto about = request.getServerRequest();
        RatisNode node = nodes.find(NodeIds.node(about.getReplyId()));
        return node != null && node.replica(about.getRaftGroupId()).isAlive();
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        return call(request.getServerRequest(), true, peer -> elsewhere(() -> peer.appendEntries(request)));
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        return call(request.getServerRequest(), true, peer -> elsewhere(() -> peer.installSnapshot(request)));
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        elections.requireMayAsk(request);
        RaftRpcRequestProto about = request.getServerRequest();
        Elections.requireVoter(nodes.get(NodeIds.node(about.getReplyId())), about);
        return call(about, false, peer -> elsewhere(() -> peer.requestVote(request)));
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        RaftRpcRequestProto about = request.getServerRequest();
        Elections.requireVoter(self, about);
        Elections.requireVoter(nodes.get(NodeIds.node(about.getReplyId())), about);
        return call(about, false, peer -> elsewhere(() -> peer.startLeaderElection(request)));
    }

    /** What is asked of a peer. */
    private interface Ask<T> {
        CompletableFuture<T> of(RaftServer peer) throws IOException;
    }

    private <T> T call(RaftRpcRequestProto request, boolean isFromLeader, Ask<T> ask) throws IOException {
        int to = NodeIds.node(request.getReplyId());
        return nodes.network().call(self.id(), to, () -> {
            RatisNode node = nodes.get(to);
            Replica peer = node.replica(request.getRaftGroupId());
            requireRunning(peer, to);
            if (isFromLeader) {
                peer.heard();
            }
            try {
                return await(ask.of(node.server()), peer, to);
            } catch (RuntimeException e) {
                // over a real network the peer's mistake would not become ours
                throw new IOException("node " + to + " could not answer", e);
            }
        });
    }

    /** Waits for a peer's answer, which never comes when the peer is stopped meanwhile. */
    private static <T> T await(CompletableFuture<T> answer, Replica peer, int to) throws IOException {
        while (true) {
            try {
                return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                requireRunning(peer, to);
            } catch (ExecutionException e) {
                throw new IOException("node " + to + " could not answer", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                InterruptedIOException interrupted = new InterruptedIOException("interrupted waiting for node " + to);
                interrupted.initCause(e);
                throw interrupted;
            }
        }
    }

    /** Runs a peer's work on another thread: Ratis interrupts the ones that ask for votes when it has enough. */
    private static <T> CompletableFuture<T> elsewhere(Network.Call<T> call) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return call.run();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                Threads.SHORT);
    }

    /** Asked itself, a division that is stopped would log an error with every attempt. */
    private static void requireRunning(Replica peer, int node) throws IOException {
        if (!peer.isAlive()) {
            throw new IOException("the replica of node " + node + " is not running");
        }
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
