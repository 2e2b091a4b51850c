package io.tunabledb.engine.ratis;

import io.tunabledb.engine.ratis.internals.Workers;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * Ratis's appender over gRPC, with several requests under way, which tells a follower at once what has been committed, sends
 * snapshots one at a time and slowly enough, and goes back for a follower that has lost what it had acknowledged.
 */
final class GrpcAppender extends GrpcLogAppender implements Workers.Sender {
    private final SnapshotSending sending;
    private volatile @Nullable Thread thread;
    /** The highest commit index in a request that was sent. */
    private volatile long toldCommitIndex = -1;

    GrpcAppender(RaftServer.Division server, LeaderState leaderState, FollowerInfo follower, SnapshotSending sending) {
        super(server, leaderState, follower);
        this.sending = sending;
    }

    /** Asked for already while this is being made. */
    @Override
    public GrpcServicesImpl getServerRpc() {
        return ((GrpcServerRpc) getServer().getRaftServer().getServerRpc()).ratis();
    }

    @Override
    public void run() throws IOException {
        thread = Thread.currentThread();
        super.run();
    }

    @Override
    public boolean isEnded() {
        Thread own = thread;
        return !isRunning() || own == null || !own.isAlive();
    }

    @Override
    public boolean hasBegun() {
        return thread != null;
    }

    /**
     * While entries are under way their answers bring this here again; then what a request without entries says of the log
     * before it is still true when it arrives.
     */
    private boolean followerMissesCommit() {
        return !hasPendingDataRequests()
                && toldCommitIndex
                        < Math.min(
                                getRaftLog().getLastCommittedIndex(),
                                getFollower().getMatchIndex());
    }

    @Override
    public boolean shouldSendAppendEntries() {
        return super.shouldSendAppendEntries() || followerMissesCommit();
    }

    @Override
    public @Nullable AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
            throws RaftLogIOException {
        AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat);
        if (request == null && followerMissesCommit()) {
            request = super.newAppendEntriesRequest(callId, true);
        }
        if (request != null && getFollower().getMatchIndex() >= 0) {
            toldCommitIndex = request.getLeaderCommit();
        }
        return request;
    }

    /** That may be before what it has acknowledged earlier: a replica that lost its directory starts over. */
    @Override
    protected long getNextIndexForInconsistency(long requestFirstIndex, long replyNextIndex) {
        boolean repeats = replyNextIndex == requestFirstIndex && replyNextIndex > 0;
        return repeats ? replyNextIndex - 1 : replyNextIndex;
    }

    @Override
    public @Nullable SnapshotInfo shouldInstallSnapshot() {
        // sending one blocks this thread: that it asks again means that the last one is over
        sending.end(this);
        SnapshotInfo snapshot = super.shouldInstallSnapshot();
        return snapshot != null && sending.begin(this) ? snapshot : null;
    }

    @Override
    public Iterable<InstallSnapshotRequestProto> newInstallSnapshotRequests(String id, SnapshotInfo snapshot) {
        return sending.paced(super.newInstallSnapshotRequests(id, snapshot));
    }

    @Override
    public CompletableFuture<LifeCycle.State> stopAsync() {
        sending.end(this);
        return super.stopAsync();
    }
}
