package io.tunabledb.engine.ratis;

import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.log.LogFailedException;
import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.LogStatus;
import io.tunabledb.engine.log.MemoryEndedException;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.ReplicaStateMachine;
import io.tunabledb.engine.log.ReplicaStateMachine.SnapshotFile;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import io.tunabledb.engine.ratis.files.LastSeen;
import io.tunabledb.engine.ratis.files.NodeIds;
import io.tunabledb.engine.ratis.internals.CacheEviction;
import io.tunabledb.engine.ratis.internals.LogRoom;
import io.tunabledb.engine.ratis.internals.PatientTimers;
import io.tunabledb.engine.ratis.internals.Workers;
import io.tunabledb.engine.ratis.statemachine.DrivenStateMachine;
import io.tunabledb.engine.ratis.statemachine.Leadership;
import io.tunabledb.engine.ratis.statemachine.Proposal;
import io.tunabledb.engine.ratis.statemachine.Proposals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node's replica of one shard: a Ratis division and the state machine it drives. */
final class Replica implements ShardLog {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    private final RatisConfig config;
    private final RaftGroupId group;
    private final LocalNodes nodes;
    private final ReplicaStateMachine stateMachine;
    private final Proposals proposals;
    private final Leadership leadership;
    private final DrivenStateMachine driven;
    private final ReadIndexes readIndexes;
    private final Lease lease;
    private volatile RaftServer.@Nullable Division division;
    private volatile @Nullable RaftLog raftLog;
    /** Threads that had the name of this replica's before its log was opened. */
    private volatile Set<Long> evictions = Set.of();

    private volatile @Nullable LogRoom room;
    private volatile boolean opened;

    /** What the last look found. */
    private volatile Workers.@Nullable Ended ended;

    private volatile boolean voting;
    /** When the leader was heard last, on the clock of {@link RunningTime}. */
    private volatile long heardNanos = RunningTime.nanos();

    private volatile boolean closed;
    /** The last index on disk when it was closed, as Ratis counts; -1 when it is not known. */
    private volatile long synced = -1;

    private volatile CompletableFuture<@Nullable Void> stopped = CompletableFuture.completedFuture(null);

    Replica(RatisConfig config, RaftGroupId group, ReplicaStateMachine stateMachine, LocalNodes nodes, int shard) {
        this.config = config;
        this.group = group;
        this.nodes = nodes;
        this.stateMachine = stateMachine;
        this.voting = !config.rejoining();
        proposals = new Proposals(config.requestTimeout());
        leadership = new Leadership(stateMachine, this::leads);
        driven = new DrivenStateMachine(
                stateMachine,
                proposals,
                leadership,
                () -> division().getInfo().getCurrentTerm(),
                this::starting,
                this::stopSoon);
        lease = new Lease(config);
        readIndexes = new ReadIndexes(config, shard, nodes, this);
    }

    private void starting(RaftServer.Division starting) {
        PatientTimers.install(starting, () -> nodes.runsMajority(config, group));
        evictions = CacheEviction.threads(starting.getMemberId().toString());
        division = starting;
    }

    /**
     * Its division was added: the log is open.
     *
     * @throws IOException its log ends before its snapshot does, and would have a gap; or its vote is of an earlier term than
     *     its log, and would be in terms that are long decided
     */
    void opened() throws IOException {
        room = LogRoom.of(
                raftLog(),
                driven.segments(),
                division().getMemberId().toString(),
                cause -> driven.notifyLogFailed(cause, null));
        opened = true;
        TermIndex last = raftLog().getLastEntryTermIndex();
        SnapshotInfo snapshot = driven.snapshots().getLatestSnapshot();
        if (last != null && snapshot != null && last.getIndex() < snapshot.getIndex()) {
            throw new IOException("the log in " + driven.segments() + " ends at index " + (last.getIndex() + 1)
                    + ", before its own snapshot at " + (snapshot.getIndex() + 1) + ": its end is lost");
        }
        TermIndex end = logEnd();
        long term = division().getInfo().getCurrentTerm();
        if (end != null && end.getTerm() > term) {
            throw new IOException(driven.segments().resolve("raft-meta") + " is damaged or old: it says term " + term
                    + ", and the log beside it ends in term " + end.getTerm());
        }
    }

    Lease lease() {
        return lease;
    }

    DrivenStateMachine driven() {
        return driven;
    }

    RaftGroupId group() {
        return group;
    }

    private RaftServer.Division division() {
        return Objects.requireNonNull(division, "the node is still starting");
    }

    /** The division hands its log out through a memoized supplier, which is dear for what every read asks. */
    private RaftLog raftLog() {
        RaftLog known = raftLog;
        if (known == null) {
            known = division().getRaftLog();
            raftLog = known;
        }
        return known;
    }

    private boolean leads(long term) {
        var info = division().getInfo();
        return info.isLeader() && info.getCurrentTerm() == term;
    }

    @Override
    public CompletableFuture<LogPosition> append(byte[] entry, Object held) {
        if (entry.length > config.maxEntryBytes()) {
            throw new IllegalArgumentException("an entry of " + entry.length
                    + " bytes is over the limit, maxEntryBytes=" + config.maxEntryBytes());
        }
        if (leadership.term() == 0) {
            return CompletableFuture.failedFuture(new NotLeaderException("node " + config.node() + " does not lead"));
        }
        Proposal proposal = proposals.open(entry, held);
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(proposals.client())
                .setServerId(division().getId())
                .setGroupId(group)
                .setCallId(proposal.call())
                .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(entry)))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        var unused = submit(request).whenComplete((reply, failure) -> {
            if ((failure != null && !proposals.refused(proposal, failure))
                    || (failure == null && !reply.isSuccess() && !proposals.refused(proposal, reply.getException()))) {
                stateMachine.refused(held);
            }
        });
        return proposal.outcome();
    }

    /** Runs Ratis's part on the caller's thread: its public door hands every request to a pool and waits for it. */
    private CompletableFuture<RaftClientReply> submit(RaftClientRequest request) {
        try {
            return ((RaftClientAsynchronousProtocol) division()).submitClientRequestAsync(request);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void fail(Throwable cause) {
        driven.broken(cause);
    }

    @Override
    public CompletableFuture<Long> readIndex() {
        return readIndexes.ask();
    }

    @Nullable
    CompletableFuture<@Nullable Void> fates() {
        return stateMachine.fates();
    }

    /** Asked by the replicas that take this one for the leader. */
    CompletableFuture<Long> confirmedIndex() {
        return readIndexes.confirm();
    }

    /** The term this replica is in; 0 while it must not vote, because then it can't vouch for a leader either. */
    long votingTerm() {
        return voting && isAlive() ? division().getInfo().getCurrentTerm() : 0;
    }

    /** A message of the leader's has come. */
    void heard() {
        heardNanos = RunningTime.nanos();
    }

    /** Whether the leader that runs was silent for so long that it must be taken for one that hangs. */
    boolean missesLeader() {
        return RunningTime.nanos() - heardNanos
                > PatientTimers.GENEROSITY * config.electionTimeoutMax().toNanos();
    }

    /** The term that Ratis takes this replica for the leader of, ready or not; 0 for none. */
    long ratisTerm() {
        var started = division;
        return started != null && isAlive() && started.getInfo().isLeader()
                ? started.getInfo().getCurrentTerm()
                : 0;
    }

    boolean isVoting() {
        return voting;
    }

    void allowVoting() {
        voting = true;
    }

    /** The term this replica leads, 0 for none. */
    long leadingTerm() {
        return leadership.term();
    }

    boolean isAlive() {
        var started = division;
        return started != null && started.getInfo().getLifeCycleState().isRunning();
    }

    boolean isClosed() {
        var started = division;
        return closed || (started != null && !started.getInfo().isAlive());
    }

    /** The last entry of its log, or of the snapshot it begins behind; null when there is neither. */
    @Nullable
    TermIndex logEnd() {
        var started = division;
        if (started == null || isClosed() || !opened) {
            return null;
        }
        TermIndex last = started.getRaftLog().getLastEntryTermIndex();
        SnapshotInfo snapshot = driven.snapshots().getLatestSnapshot();
        TermIndex covered = snapshot == null ? null : snapshot.getTermIndex();
        return last == null || (covered != null && covered.compareTo(last) > 0) ? covered : last;
    }

    /** Notes what it has on disk, when it is closed. */
    void see(LastSeen lastSeen) {
        if (synced >= 0) {
            lastSeen.closed(config.node(), group, config.directory(), synced);
        }
    }

    /** What was cut off for a new leader counts no more, whatever was synced once. */
    private void noteSynced() {
        RaftLog log = raftLog;
        if (!opened || log == null) {
            return;
        }
        long flushed = log.getFlushIndex();
        try {
            TermIndex last = log.getLastEntryTermIndex();
            synced = last == null ? flushed : Math.min(flushed, last.getIndex());
        } catch (IllegalStateException e) {
            // it was closed before
            synced = flushed;
        }
    }

    /** The last entry applied here. */
    long appliedIndex() {
        return driven.getLastAppliedTermIndex().getIndex() + 1;
    }

    /** Whether this replica has stood for election, or found a leader and need not. */
    boolean hasStood() {
        return !division().getInfo().isFollower() || leader() != 0;
    }

    /** The node this replica takes for the leader, 0 for none. */
    int leader() {
        RaftPeerId leader = division().getInfo().getLeaderId();
        return leader == null ? 0 : NodeIds.node(leader);
    }

    long commitIndex() {
        return division().getRaftLog().getLastCommittedIndex() + 1;
    }

    @Override
    public LogStatus status() {
        if (!isAlive()) {
            return new LogStatus(false, false, 0, 0, 0, 0);
        }
        var info = division().getInfo();
        RaftLog log = raftLog();
        long commitIndex = log.getLastCommittedIndex() + 1;
        long term = info.getCurrentTerm();
        return new LogStatus(
                true,
                leadership.term() == term && term != 0,
                leader(),
                term,
                Math.max(log.getFlushIndex() + 1, commitIndex),
                commitIndex);
    }

    @Override
    public void look() {
        var started = division;
        if (started == null || closed || !opened) {
            return;
        }
        if (!started.getInfo().isAlive()) {
            // whoever closed it may have had no memory left to say so
            driven.broken(new LogFailedException("Ratis stopped this replica", new IOException("see its log")));
            return;
        }
        Workers.Ended found = Workers.ended(started, room, ended);
        ended = found;
        if (found != null && found.isBelieved()) {
            driven.broken(new LogFailedException(
                    "the thread that " + found.job() + " has ended",
                    new MemoryEndedException("as it does when memory ends, or when " + driven.segments()
                            + " can't be written; see the log for what it said")));
        }
    }

    @Override
    public @Nullable Shortage shortage() {
        LogRoom watched = room;
        if (watched == null) {
            return null;
        }
        return watched.look();
    }

    @Override
    public void handOver(int node) {
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                proposals.client(),
                division().getId(),
                group,
                CallId.getAndIncrement(),
                NodeIds.peer(node),
                config.requestTimeout().toMillis());
        try {
            var unused = division()
                    .getRaftServer()
                    .transferLeadershipAsync(request)
                    .whenComplete((reply, failure) -> LOG.debug("the lead goes to node {}: {}", node, reply, failure));
        } catch (IOException e) {
            LOG.debug("the lead stays", e);
        }
    }

    @Override
    public void snapshotCompleted() {
        SnapshotFile file = stateMachine.latestSnapshot();
        if (file == null) {
            return;
        }
        try {
            long purgeable = driven.snapshots().completed(file);
            if (purgeable > 0) {
                var unused = division().getRaftLog().purge(purgeable - 1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stopSoon() {
        // not on the thread that failed: closing waits for it
        stopped = CompletableFuture.runAsync(() -> Stopping.stop(division(), evictions), Threads.SHORT);
    }

    @Override
    public void close() {
        if (!closed) {
            noteSynced();
        }
        closed = true;
        driven.closing();
        var started = division;
        if (started != null) {
            Stopping.stop(started, evictions);
        }
        // a division that is being stopped already returns at once, with its directory still locked
        stopped.exceptionally(e -> null).join();
        proposals.end("this replica is closed");
    }
}
