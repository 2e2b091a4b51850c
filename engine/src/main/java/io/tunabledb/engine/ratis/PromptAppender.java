package io.tunabledb.engine.ratis;

import io.tunabledb.engine.ratis.files.NodeIds;
import io.tunabledb.engine.ratis.internals.Workers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Comparator;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a leader's log to one follower, one request at a time. Unlike Ratis's default it tells the follower at once what
 * has been committed, so that a follower applies an entry right after the leader does and not with the next entry or
 * heartbeat.
 *
 * <p>Its own thread only sends. The thread that has an acceptance notes it and wakes the other when there is more to send:
 * every hop between threads costs a commit more than its work does. What else an answer asks for, and a slow or cut
 * network, is left to the appender's thread.
 */
final class PromptAppender extends LogAppenderBase implements Workers.Sender {
    private static final Logger LOG = LoggerFactory.getLogger(PromptAppender.class);
    /** A follower that is stopped never answers. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** The highest commit index in a request the follower accepted. */
    private volatile long toldCommitIndex = -1;
    /** The request whose answer is awaited; null when the next may be sent. */
    private volatile @Nullable Exchange open;

    /** A later term that a follower told of while an answer was awaited; 0 for none. */
    private volatile long newerTerm;

    private volatile @Nullable Thread thread;

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
    public boolean isEnded() {
        Thread sending = thread;
        return !isRunning() || sending == null || !sending.isAlive();
    }

    @Override
    public boolean hasBegun() {
        return thread != null;
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

    /** Ratis tells all appenders of everything: only one that has something to send is woken. */
    @Override
    public void notifyLogAppender() {
        // what is to be sent was changed before this looks, and the end of an exchange looks again: one of both sees it
        if (open == null && mayHaveToSend()) {
            LockSupport.unpark(thread);
        }
    }

    /** The leader's own threads ask, which a log that is being closed must not end. */
    private boolean mayHaveToSend() {
        try {
            return shouldSendAppendEntries();
        } catch (IllegalStateException closed) {
            return true;
        }
    }

    @Override
    public void run() throws InterruptedException, IOException {
        thread = Thread.currentThread();
        while (isRunning()) {
            Exchange exchange = open;
            boolean isAnswered = exchange == null
                    ? !shouldSendAppendEntries() || sendOnce()
                    : (!exchange.isLeftOver() && rpc.isRunning(exchange.request)) || seeTo(exchange);
            if (exchange != null && isAnswered && exchange == open) {
                beat();
            }
            if (!isAnswered && isRunning()) {
                getServer().properties().rpcSleepTime().sleep();
            }
            if (isRunning()) {
                rest();
            }
            getLeaderState().checkHealth(getFollower());
        }
    }

    /**
     * A follower answers when its disk has taken what it was sent, which may be long. It hears meanwhile, and this leader
     * must hear that it does, or both would call an election that no disk may be there for.
     */
    private void beat() throws InterruptedIOException {
        long later = newerTerm;
        if (later > 0) {
            newerTerm = 0;
            onFollowerTerm(later);
            return;
        }
        if (getHeartbeatWaitTimeMs() > 0) {
            return;
        }
        try {
            AppendEntriesRequestProto request = newAppendEntriesRequest(CallId.getAndIncrement(), true);
            if (request == null) {
                return;
            }
            resetHeartbeatTrigger();
            getFollower().updateLastRpcSendTime(true);
            var unused = rpc.appendEntriesAsync(request, shield).thenAccept(reply -> {
                if (isRunning() && rpc.hearsAnswer(request)) {
                    if (reply.getResult() == AppendResult.NOT_LEADER) {
                        newerTerm = reply.getTerm();
                    } else {
                        getFollower().updateLastRpcResponseTime();
                    }
                }
            });
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("{}: no heartbeat", this, e);
        }
    }

    /** Until there is something to send, or to look after. A wake-up that came before is not lost. */
    private void rest() throws InterruptedException {
        if (open != null) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        } else if (!hasAppendEntries() && !followerMissesCommit()) {
            long millis = getHeartbeatWaitTimeMs();
            if (millis > 0) {
                LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(millis));
            }
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
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
        Exchange exchange = new Exchange(request);
        getFollower().updateLastRpcSendTime(request.getEntriesCount() == 0);
        if (!rpc.isQuiet()) {
            take(exchange, rpc.appendEntries(request, shield));
            return true;
        }
        CompletableFuture<AppendEntriesReplyProto> answer = rpc.appendEntriesAsync(request, shield);
        open = exchange;
        var unused = answer.whenComplete((reply, failure) -> answered(exchange, reply, failure));
        return true;
    }

    /** On whichever thread has the answer, perhaps one of the follower's. */
    private void answered(Exchange exchange, @Nullable AppendEntriesReplyProto reply, @Nullable Throwable failure) {
        if (!exchange.end()) {
            return;
        }
        boolean isTaken = false;
        try {
            if (reply != null && reply.getResult() == AppendResult.SUCCESS && rpc.hearsAnswer(exchange.request)) {
                isTaken = true;
                take(exchange, reply);
            } else if (failure != null) {
                LOG.debug("{}: no answer", this, failure);
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: an answer could not be noted; what it is about is sent again", this, e);
        } finally {
            if (isTaken) {
                open = null;
            } else {
                exchange.leave(rpc.hearsAnswer(exchange.request) ? reply : null);
            }
            if (!isTaken || shouldSendAppendEntries()) {
                LockSupport.unpark(thread);
            }
        }
    }

    /** Ends an exchange that was not an acceptance. Returns whether the follower answered. */
    private boolean seeTo(Exchange exchange) {
        if (!exchange.isLeftOver() && !exchange.end()) {
            // the answer came this moment
            return true;
        }
        AppendEntriesReplyProto reply = exchange.reply();
        open = null;
        if (reply != null) {
            take(exchange, reply);
        }
        return reply != null;
    }

    private void take(Exchange exchange, AppendEntriesReplyProto reply) {
        if (!isRunning()) {
            return;
        }
        getFollower().updateLastRpcResponseTime();
        getFollower().updateLastRespondedAppendEntriesSendTime(exchange.sent);
        getLeaderState().onFollowerCommitIndex(getFollower(), reply.getFollowerCommit());
        if (reply.getResult() == AppendResult.SUCCESS) {
            lease.accepted(NodeIds.node(getFollowerId()), exchange.request.getLeaderTerm(), exchange.sentNanos);
        }
        take(exchange.request, reply);
        getLeaderState().onAppendEntriesReply(this, reply);
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
            // what was committed without this follower need not be looked at again; nobody hands leadership over to it
            if (index > getRaftLog().getLastCommittedIndex()
                    || getLeaderState().isFollowerBootstrapping(getFollower())) {
                getLeaderState().onFollowerSuccessAppendEntries(getFollower());
            }
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
