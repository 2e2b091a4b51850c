package io.tunabledb.engine.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Comparator;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a leader's log to one follower, on its own thread, one request at a time. Unlike Ratis's default it tells the
 * follower at once what has been committed, so that a follower applies an entry right after the leader does and not with
 * the next entry or heartbeat.
 */
final class PromptAppender extends LogAppenderBase {
    private static final Logger LOG = LoggerFactory.getLogger(PromptAppender.class);

    /** The highest commit index in a request the follower accepted; touched by the appender's thread only. */
    private long toldCommitIndex = -1;

    private final JvmServerRpc rpc;
    private final Lease lease;
    private final Shield shield = new Shield();

    PromptAppender(
            RaftServer.Division server, LeaderState leaderState, FollowerInfo follower, JvmServerRpc rpc, Lease lease) {
        super(server, leaderState, follower);
        this.rpc = rpc;
        this.lease = lease;
    }

    @Override
    public long getCallId() {
        return CallId.get();
    }

    @Override
    public Comparator<Long> getCallIdComparator() {
        return CallId.getComparator();
    }

    @Override
    public boolean shouldSendAppendEntries() {
        return super.shouldSendAppendEntries() || followerMissesCommit();
    }

    @Override
    public CompletableFuture<LifeCycle.State> stopAsync() {
        CompletableFuture<LifeCycle.State> stopped = new CompletableFuture<>();
        shield.interruptOutside(() -> {
            var unused = super.stopAsync().whenComplete((state, failure) -> stopped.complete(state));
        });
        return stopped;
    }

    /** Whether a message without entries would let the follower commit more. */
    private boolean followerMissesCommit() {
        return toldCommitIndex
                < Math.min(getRaftLog().getLastCommittedIndex(), getFollower().getMatchIndex());
    }

    @Override
    public void run() throws InterruptedException, IOException {
        while (isRunning()) {
            if (shouldSendAppendEntries() && !sendOnce() && isRunning()) {
                getServer().properties().rpcSleepTime().sleep();
            }
            if (isRunning() && !hasAppendEntries() && !followerMissesCommit()) {
                getEventAwaitForSignal().await(getHeartbeatWaitTimeMs(), TimeUnit.MILLISECONDS);
            }
            getLeaderState().checkHealth(getFollower());
        }
    }

    /** Returns whether the follower answered; when not, the next attempt has to wait a little. */
    private boolean sendOnce() throws InterruptedIOException {
        try {
            SnapshotInfo snapshot = shouldInstallSnapshot();
            return snapshot == null ? sendEntries() : sendSnapshot(snapshot);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("{}: no answer", this, e);
            return false;
        }
    }

    private boolean sendEntries() throws IOException {
        AppendEntriesRequestProto request = newAppendEntriesRequest(CallId.getAndIncrement(), !hasAppendEntries());
        if (request == null) {
            return false;
        }
        resetHeartbeatTrigger();
        boolean heartbeat = request.getEntriesCount() == 0;
        Timestamp sent = Timestamp.currentTime();
        long sentNanos = System.nanoTime();
        getFollower().updateLastRpcSendTime(heartbeat);
        AppendEntriesReplyProto reply = rpc.appendEntries(request, shield);
        getFollower().updateLastRpcResponseTime();
        getFollower().updateLastRespondedAppendEntriesSendTime(sent);
        getLeaderState().onFollowerCommitIndex(getFollower(), reply.getFollowerCommit());
        if (reply.getResult() == AppendResult.SUCCESS) {
            lease.accepted(NodeIds.node(getFollowerId()), request.getLeaderTerm(), sentNanos);
        }
        take(request, reply);
        getLeaderState().onAppendEntriesReply(this, reply);
        return true;
    }

    private void take(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
        switch (reply.getResult()) {
            case SUCCESS -> {
                toldCommitIndex = request.getLeaderCommit();
                matched(lastIndex(request));
            }
            case NOT_LEADER -> onFollowerTerm(reply.getTerm());
            case INCONSISTENCY -> rewind(request, reply.getNextIndex());
            default -> LOG.warn("{}: unexpected answer {}", this, reply.getResult());
        }
    }

    /** The last entry that a follower has if it accepted the request; -1 for none. */
    private static long lastIndex(AppendEntriesRequestProto request) {
        int entries = request.getEntriesCount();
        if (entries > 0) {
            return request.getEntries(entries - 1).getIndex();
        }
        return request.hasPreviousLog() ? request.getPreviousLog().getIndex() : -1;
    }

    private void matched(long index) {
        if (index + 1 > getFollower().getNextIndex() || index > getFollower().getMatchIndex()) {
            getFollower().updateMatchIndex(index);
            if (index + 1 > getFollower().getNextIndex()) {
                getFollower().increaseNextIndex(index + 1);
            }
            getLeaderState().onFollowerSuccessAppendEntries(getFollower());
        }
    }

    /**
     * Goes back to where the follower's log still agrees. That may be before what it has acknowledged earlier: a replica
     * that lost its directory starts over.
     */
    private void rewind(AppendEntriesRequestProto request, long followerNext) {
        long first = lastIndex(request) - request.getEntriesCount() + 1;
        boolean repeats = request.getEntriesCount() > 0 && followerNext == first;
        getFollower().setNextIndex(Math.max(0, repeats ? followerNext - 1 : followerNext));
    }

    private boolean sendSnapshot(SnapshotInfo snapshot) throws IOException {
        LOG.info(
                "{}: sends the snapshot at {} to a follower that needs {}",
                this,
                snapshot.getTermIndex(),
                getFollower().getNextIndex());
        InstallSnapshotReplyProto reply = null;
        String id = UUID.randomUUID().toString();
        for (InstallSnapshotRequestProto chunk : newInstallSnapshotRequests(id, snapshot)) {
            getFollower().updateLastRpcSendTime(false);
            reply = rpc.installSnapshot(chunk);
            getFollower().updateLastRpcResponseTime();
            if (!reply.getServerReply().getSuccess()) {
                return refused(reply);
            }
        }
        return reply != null && installed(snapshot);
    }

    private boolean refused(InstallSnapshotReplyProto reply) {
        LOG.debug("{}: snapshot refused: {}", this, reply.getResult());
        switch (reply.getResult()) {
            case NOT_LEADER -> onFollowerTerm(reply.getTerm());
            case SNAPSHOT_UNAVAILABLE, ALREADY_INSTALLED, SNAPSHOT_EXPIRED ->
                getFollower().setAttemptedToInstallSnapshot();
            default -> {}
        }
        return false;
    }

    private boolean installed(SnapshotInfo snapshot) {
        getFollower().setSnapshotIndex(snapshot.getIndex());
        getFollower().setAttemptedToInstallSnapshot();
        getServer().getRaftServerMetrics().onSnapshotInstalled();
        return true;
    }
}
