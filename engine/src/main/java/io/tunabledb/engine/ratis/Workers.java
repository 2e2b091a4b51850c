package io.tunabledb.engine.ratis;

import io.tunabledb.engine.clock.RunningTime;
import java.lang.reflect.Field;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.MemoizedSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that a division can't do without: the one that applies, the one that writes the log, and those of its role. Ratis
 * 3.3.0 catches exceptions there, but an {@link Error}, as when memory ends, ends the thread and nothing else: the division
 * looks alive, and applies, writes, sends or stands for election no more. Nothing tells that, so private fields are read.
 */
final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    /** A role that begins or ends, and a thread that is being started, look ended for a moment. */
    private static final long BELIEVED_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * What has ended, and what it did; the same one is found again while it is not replaced.
     *
     * @param sinceNanos when that was found first, on the clock of {@link RunningTime}
     */
    record Ended(Object worker, String job, long sinceNanos) {
        private Ended(Object worker, String job) {
            this(worker, job, RunningTime.nanos());
        }

        /** Whether it was so for long enough. */
        boolean isBelieved() {
            return RunningTime.nanos() - sinceNanos >= BELIEVED_AFTER_NANOS;
        }
    }

    private Workers() {}

    /**
     * One that has ended, null when there is none.
     *
     * @param room knows the thread that writes the log
     * @param before what was found at the last look
     */
    static @Nullable Ended ended(RaftServer.Division division, @Nullable LogRoom room, @Nullable Ended before) {
        Ended found = room != null && room.isWriterGone() ? new Ended(room, "writes the log") : ended(division);
        return found != null && before != null && before.worker == found.worker ? before : found;
    }

    private static @Nullable Ended ended(RaftServer.Division division) {
        try {
            Ended found = shared(division);
            if (found != null) {
                return found;
            }
            Object role = read(division, "role");
            if (division.getInfo().isLeader()) {
                return ofLeader(read(role, "leaderState"));
            }
            if (division.getInfo().isFollower()) {
                Object follower = held(read(role, "followerState"));
                return follower instanceof Thread thread && !thread.isAlive()
                        ? new Ended(thread, "waits for the leader")
                        : null;
            }
            Object election = division.getInfo().isCandidate() ? held(read(role, "leaderElection")) : null;
            return election != null
                            && read(election, "stopped") instanceof CompletableFuture<?> stopped
                            && stopped.isDone()
                    ? new Ended(election, "stands for election")
                    : null;
        } catch (ReflectiveOperationException e) {
            LOG.debug("this version of Ratis keeps its threads elsewhere", e);
            return null;
        }
    }

    private static @Nullable Ended shared(RaftServer.Division division) throws ReflectiveOperationException {
        Object updater = read(read(division, "state"), "stateMachineUpdater");
        if (updater instanceof MemoizedSupplier<?> supplier && supplier.isInitialized()) {
            Object thread = read(supplier.get(), "updater");
            if (thread instanceof Thread applying && !applying.isAlive()) {
                return new Ended(applying, "applies entries");
            }
        }
        RaftLog log = division.getRaftLog();
        if (log instanceof SegmentedRaftLog) {
            Object evicting = held(read(read(SegmentedRaftLog.class, log, "cacheEviction"), "daemon"));
            if (evicting instanceof Thread thread && !thread.isAlive()) {
                return new Ended(thread, "frees the log's memory");
            }
        }
        return null;
    }

    private static @Nullable Ended ofLeader(Object leaderState) throws ReflectiveOperationException {
        Object leader = held(leaderState);
        if (leader == null) {
            return null;
        }
        if (read(leader, "processor") instanceof Thread processor && !processor.isAlive()) {
            return new Ended(processor, "leads");
        }
        if (read(leader, "senders") instanceof Iterable<?> senders) {
            for (Object sender : senders) {
                if (sender instanceof PromptAppender appender && appender.isEnded()) {
                    return new Ended(appender, "sends entries to " + appender.getFollowerId());
                }
            }
        }
        return null;
    }

    private static @Nullable Object held(Object reference) {
        return reference instanceof AtomicReference<?> atomic ? atomic.get() : null;
    }

    private static Object read(Object from, String name) throws ReflectiveOperationException {
        return read(from.getClass(), from, name);
    }

    private static Object read(Class<?> owner, Object from, String name) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(from);
    }
}
