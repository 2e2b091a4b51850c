package io.tunabledb.engine.ratis.internals;

import io.tunabledb.engine.api.PrivateField;
import io.tunabledb.engine.clock.RunningTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.MemoizedSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads that a division can't do without: the one that applies, the one that writes the log, and those of its role. Ratis
 * 3.3.0 catches exceptions there, but an {@link Error}, as when memory ends, ends the thread and nothing else: the division
 * looks alive, and applies, writes, sends or stands for election no more. Nothing tells that, so private fields are read.
 */
public final class Workers {
    private static final String SERVER = "org.apache.ratis.server.impl.";
    private static final PrivateField ROLE = PrivateField.of(SERVER + "RaftServerImpl", "role");
    private static final PrivateField LEADER_STATE = PrivateField.of(ROLE.type(), "leaderState");
    private static final PrivateField FOLLOWER_STATE = PrivateField.of(ROLE.type(), "followerState");
    private static final PrivateField ELECTION = PrivateField.of(ROLE.type(), "leaderElection");
    private static final PrivateField ELECTION_END = PrivateField.of(SERVER + "LeaderElection", "stopped");
    private static final PrivateField STATE = PrivateField.of(SERVER + "RaftServerImpl", "state");
    private static final PrivateField UPDATER = PrivateField.of(STATE.type(), "stateMachineUpdater");
    private static final PrivateField UPDATER_THREAD = PrivateField.of(SERVER + "StateMachineUpdater", "updater");
    private static final PrivateField EVICTION_THREAD = PrivateField.of(CacheEviction.EVICTION.type(), "daemon");
    private static final PrivateField PROCESSOR = PrivateField.of(SERVER + "LeaderStateImpl", "processor");
    private static final PrivateField SENDERS = PrivateField.of(SERVER + "LeaderStateImpl", "senders");

    /** A role that begins or ends, and a thread that is being started, look ended for a moment. */
    private static final long BELIEVED_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Where others have the processors, it takes seconds until a thread that is started runs: who starts it waits for that. */
    private static final long BEGUN_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);

    /**
     * What has ended, and what it did; the same one is found again while it is not replaced.
     *
     * @param hasBegun whether it ever ran; else it may be about to
     * @param sinceNanos when that was found first, on the clock of {@link RunningTime}
     */
    public record Ended(Object worker, String job, boolean hasBegun, long sinceNanos) {
        private Ended(Object worker, String job, boolean hasBegun) {
            this(worker, job, hasBegun, RunningTime.nanos());
        }

        private boolean isOf(@Nullable Ended other) {
            return other != null && other.worker == worker && other.hasBegun == hasBegun;
        }

        /** Whether it was so for long enough. */
        public boolean isBelieved() {
            return RunningTime.nanos() - sinceNanos >= (hasBegun ? BELIEVED_AFTER_NANOS : BEGUN_AFTER_NANOS);
        }
    }

    /** An appender that says when its thread has ended. */
    public interface Sender extends LogAppender {
        /** Whether its thread sends no more, or never began to. True for a moment also while it is being started or stopped. */
        boolean isEnded();

        /** Whether its thread ever ran. */
        boolean hasBegun();
    }

    private Workers() {}

    /**
     * One that has ended, null when there is none.
     *
     * @param room knows the thread that writes the log
     * @param before what was found at the last look
     */
    public static @Nullable Ended ended(RaftServer.Division division, @Nullable LogRoom room, @Nullable Ended before) {
        Ended found = room != null && room.isWriterGone() ? new Ended(room, "writes the log", true) : ended(division);
        return found != null && found.isOf(before) ? before : found;
    }

    private static @Nullable Ended ended(RaftServer.Division division) {
        Ended found = shared(division);
        if (found != null) {
            return found;
        }
        Object role = ROLE.get(division, Object.class);
        if (division.getInfo().isLeader()) {
            return ofLeader(held(LEADER_STATE, role));
        }
        if (division.getInfo().isFollower()) {
            return ended(held(FOLLOWER_STATE, role), "waits for the leader");
        }
        Object election = division.getInfo().isCandidate() ? held(ELECTION, role) : null;
        return election != null
                        && ELECTION_END.get(election) instanceof CompletableFuture<?> stopped
                        && stopped.isDone()
                ? new Ended(election, "stands for election", true)
                : null;
    }

    private static @Nullable Ended shared(RaftServer.Division division) {
        Object updater = UPDATER.get(STATE.get(division, Object.class));
        if (updater instanceof MemoizedSupplier<?> supplier && supplier.isInitialized()) {
            Ended applying = ended(UPDATER_THREAD.get(supplier.get()), "applies entries");
            if (applying != null) {
                return applying;
            }
        }
        RaftLog log = division.getRaftLog();
        if (log instanceof SegmentedRaftLog) {
            Object evicting = held(EVICTION_THREAD, CacheEviction.EVICTION.get(log, Object.class));
            return ended(evicting, "frees the log's memory");
        }
        return null;
    }

    private static @Nullable Ended ofLeader(@Nullable Object leader) {
        if (leader == null) {
            return null;
        }
        Ended processor = ended(PROCESSOR.get(leader), "leads");
        if (processor != null) {
            return processor;
        }
        if (SENDERS.get(leader) instanceof Iterable<?> senders) {
            for (Object sender : senders) {
                if (sender instanceof Sender appender && appender.isEnded()) {
                    return new Ended(appender, "sends entries to " + appender.getFollowerId(), appender.hasBegun());
                }
            }
        }
        return null;
    }

    /** A thread that does not run; null when it does. */
    static @Nullable Ended ended(@Nullable Object worker, String job) {
        return worker instanceof Thread thread && !thread.isAlive()
                ? new Ended(thread, job, thread.getState() != Thread.State.NEW)
                : null;
    }

    private static @Nullable Object held(PrivateField reference, Object owner) {
        return reference.get(owner) instanceof AtomicReference<?> atomic ? atomic.get() : null;
    }
}
