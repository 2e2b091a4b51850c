package io.tunabledb.engine.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's outbox: accepts weak writes without any other node, keeps them durably, and has them carried out in the order
 * of their acceptance. Opened by the first write, or at start when it is there from before. Any thread.
 */
public final class Outbox implements AutoCloseable {
    /** The largest write that is accepted. */
    static final int MAX_WRITE_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int RECORD_OVERHEAD_BYTES = 1 << 12;
    private static final Duration OPENING = Duration.ofMinutes(1);
    /** Who comes with no time left was held up on the way; what is asked for takes a moment only. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LONGEST_RETRY_MILLIS = 10_000;
    /** A write that waits longer has a reason, and the status says one. */
    private static final Duration OLD = Duration.ofSeconds(2);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final int node;
    private final int shards;
    private final LogOpener opener;
    private final Delivery delivery;
    private final OutboxOptions options;
    private final Executor executor;
    private final AtomicLong entriesUnderWay = new AtomicLong();
    private final AtomicLong bytesUnderWay = new AtomicLong();
    private final AtomicBoolean resuming = new AtomicBoolean();
    private volatile @Nullable Opened opened;
    private volatile boolean closed;
    private volatile boolean wiped;
    /** What it is known to have acknowledged when the database ran last. */
    private volatile @Nullable Expected expected;
    /** Why the last opening failed; null when it did not. */
    private volatile @Nullable String openFailure;
    /** When the last opening ended. */
    private volatile long openedAtNanos;
    /** Guarded by this object's monitor. */
    private @Nullable CompletableFuture<Opened> opening;

    private record Opened(OutboxReplica replica, ShardLog log, Appender appender, List<Forwarder> forwarders) {
        boolean isWell() {
            return replica.failure() == null;
        }

        void close() {
            forwarders.forEach(Forwarder::stop);
            log.close();
        }
    }

    public Outbox(int node, LogOpener opener, Delivery delivery, OutboxOptions options, Executor executor) {
        this.node = node;
        this.shards = delivery.shards();
        this.opener = opener;
        this.delivery = delivery;
        this.options = options;
        this.executor = executor;
    }

    /**
     * Where an accepted write stands.
     *
     * @param numbers by shard; the last, when several were accepted together
     */
    public record Accepted(int node, long incarnation, SortedMap<Integer, Long> numbers) {}

    /** Goes on with what was accepted before the node was stopped, in the background. */
    public void resume() {
        if (opener.isPresent() && !closed && resuming.compareAndSet(false, true)) {
            try {
                executor.execute(this::openUntilOpen);
            } catch (RejectedExecutionException e) {
                LOG.debug("n{}: the database is being closed", node, e);
            }
        }
    }

    /** Acknowledged writes may wait in there, so it is tried for as long as the node runs. */
    private void openUntilOpen() {
        try {
            tryUntilOpen();
        } finally {
            resuming.set(false);
        }
        Opened now = opened;
        if (now != null && !now.isWell()) {
            // it failed while this one ended, and took it for still trying
            resume();
        }
    }

    private void tryUntilOpen() {
        long pauseMillis = FIRST_RETRY_MILLIS;
        while (!closed) {
            CompletableFuture<Opened> opening = opening();
            try {
                opening.join();
                return;
            } catch (CompletionException e) {
                LOG.debug("n{}: next try to open the outbox in {} ms", node, pauseMillis, e);
            }
            synchronized (this) {
                try {
                    if (!closed) {
                        wait(pauseMillis);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
            pauseMillis = Math.min(LONGEST_RETRY_MILLIS, 2 * pauseMillis);
        }
    }

    /** The opening under way, or that is done; one that failed, or whose log stopped, is begun again after a moment. */
    private synchronized CompletableFuture<Opened> opening() {
        if (closed) {
            return CompletableFuture.failedFuture(new IOException("node n" + node + " is stopped"));
        }
        Opened before = opened;
        if (before != null && before.isWell()) {
            return CompletableFuture.completedFuture(before);
        }
        CompletableFuture<Opened> now = opening;
        boolean isFresh = System.nanoTime() - openedAtNanos < TimeUnit.MILLISECONDS.toNanos(FIRST_RETRY_MILLIS);
        if (now == null || (now.isDone() && !isFresh)) {
            try {
                now = CompletableFuture.supplyAsync(() -> openAgain(before), executor);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(e);
            }
            opening = now;
        }
        return now;
    }

    private Opened openAgain(@Nullable Opened before) {
        try {
            if (before != null) {
                before.close();
            }
            Opened fresh = openNow();
            synchronized (this) {
                openedAtNanos = System.nanoTime();
                if (closed) {
                    fresh.close();
                    throw new IOException("node n" + node + " is stopped");
                }
                opened = fresh;
                openFailure = null;
            }
            String missing = lostBefore();
            if (missing != null) {
                LOG.error("outbox n{}: {}", node, missing);
            }
            return fresh;
        } catch (IOException | RuntimeException e) {
            openedAtNanos = System.nanoTime();
            String why = "it can't be opened: " + (e.getMessage() == null ? e.toString() : e.getMessage());
            if (!closed && !why.equals(openFailure)) {
                LOG.error("the outbox of n{} can't be opened; what it holds stays where it is", node, e);
            }
            openFailure = why;
            throw new CompletionException(e);
        }
    }

    private Opened openNow() throws IOException {
        OutboxReplica replica = new OutboxReplica("outbox n" + node, options.durable(), executor);
        ShardLog log;
        try {
            log = opener.open(replica, MAX_WRITE_BYTES + RECORD_OVERHEAD_BYTES, new LogRecord.Lost().encode());
        } catch (IOException e) {
            Throwable found = replica.failure();
            throw found == null ? e : new IOException("what it holds can't be read: " + found.getMessage(), found);
        }
        boolean isReady = false;
        try {
            replica.attach(log, this::resume);
            if (replica.pending().incarnation() == 0) {
                // even, and so never a session's id
                begin(log, new LogRecord.Begin((RANDOM.nextLong() >>> 1 & ~1L) | 2));
            }
            long toSkip = replica.pending().toSkip();
            if (toSkip > 0) {
                begin(log, new LogRecord.Skip(toSkip));
            }
            isReady = true;
        } finally {
            if (!isReady) {
                log.close();
            }
        }
        String lost = replica.lostText();
        if (lost != null) {
            LOG.error("outbox n{}: {}", node, lost);
        }
        List<Forwarder> forwarders = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            Forwarder.Lane lane = new Forwarder.Lane(node, shard);
            Forwarder forwarder = new Forwarder(lane, replica.pending(), log, delivery, options.patience());
            forwarders.add(forwarder);
            // as deep as the thread that accepted the write: what passed there passes here
            Stacks.thread(forwarder, "tunabledb-outbox-n" + node + "-s" + shard).start();
        }
        Appender appender = new Appender(log, replica.pending(), () -> !closed && replica.failure() == null);
        return new Opened(replica, log, appender, forwarders);
    }

    private void begin(ShardLog log, LogRecord record) throws IOException {
        try {
            RunningTime.await(log.append(record.encode(), this), OPENING.toNanos());
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the outbox of n" + node + " could not be begun: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the outbox of n" + node + " was being opened", e);
        }
    }

    private Opened open(Deadline deadline) throws SQLException {
        String why;
        Exception cause;
        try {
            return RunningTime.await(opening(), Math.max(LEAST_NANOS, deadline.remainingNanos()));
        } catch (ExecutionException e) {
            cause = e;
            Throwable found = e;
            while (found.getCause() != null
                    && (found instanceof ExecutionException || found instanceof CompletionException)) {
                found = found.getCause();
            }
            why = "can't be opened: " + found.getMessage();
        } catch (TimeoutException e) {
            cause = e;
            why = "is still being opened; try again";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cause = e;
            why = "was being opened when this was interrupted";
        }
        throw Errors.of(
                SqlState.CANNOT_CONNECT,
                "the outbox of n" + node + " " + why + "; write through another node, or at a stronger level",
                cause);
    }

    /**
     * Accepts encoded {@link OutboxEntry}s: when this returns they are durable here.
     *
     * @throws SQLException TC006 when it is full, 08001 when it can't be opened, 08007 when it did not answer in time
     */
    public Accepted append(List<byte[]> entries, Deadline deadline) throws SQLException {
        Opened running = open(deadline);
        long bytes = 0;
        for (byte[] entry : entries) {
            requireFits(entry);
            bytes += entry.length;
        }
        requireRoom(running, entries.size(), bytes);
        List<List<byte[]>> parts = parts(entries);
        List<Appender.Request> appended = new ArrayList<>(1);
        for (List<byte[]> part : parts) {
            appended.add(running.appender.append(part));
        }
        int count = entries.size();
        long size = bytes;
        CompletableFuture<Void> all = CompletableFuture.allOf(
                        appended.stream().map(Appender.Request::last).toArray(CompletableFuture<?>[]::new))
                .whenComplete((done, failure) -> {
                    entriesUnderWay.addAndGet(-count);
                    bytesUnderWay.addAndGet(-size);
                });
        try {
            RunningTime.await(all, Math.max(LEAST_NANOS, deadline.remainingNanos()));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof NotLeaderException ? notTaken(e) : unknown(e);
        } catch (TimeoutException e) {
            throw givenUp(running, appended, e);
        } catch (InterruptedException e) {
            SQLException given = givenUp(running, appended, e);
            Thread.currentThread().interrupt();
            throw given;
        }
        SortedMap<Integer, Long> numbers = new TreeMap<>();
        for (int i = 0; i < parts.size(); i++) {
            // those of one part follow each other; between two parts may be another session's
            long number = appended.get(i).last().join() - parts.get(i).size();
            for (byte[] entry : parts.get(i)) {
                numbers.put(OutboxEntry.shard(entry), ++number);
            }
        }
        return new Accepted(node, running.replica.pending().incarnation(), numbers);
    }

    /** What was not proposed yet is taken back: then the answer is certain. */
    private SQLException givenUp(Opened running, List<Appender.Request> appended, Exception cause) {
        boolean areAllBack = true;
        for (Appender.Request request : appended) {
            areAllBack &= running.appender.withdraw(request);
        }
        return areAllBack ? notTaken(cause) : unknown(cause);
    }

    private SQLException notTaken(Exception cause) {
        return Errors.of(
                SqlState.CANNOT_CONNECT,
                "the outbox of n" + node
                        + " was stopped, or its log took nothing, before it took the write; write through another node",
                cause);
    }

    private SQLException unknown(Exception cause) {
        return Errors.of(
                SqlState.OUTCOME_UNKNOWN,
                "whether the outbox of n" + node + " has taken the write is not known: it did not answer in time; "
                        + "read your data before you repeat it",
                cause);
    }

    private void requireFits(byte[] entry) throws SQLException {
        long most = Math.min(MAX_WRITE_BYTES, options.maxBytes());
        if (entry.length > most) {
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "an EVENTUAL write of " + entry.length + " bytes with its values is over " + most
                            + " (4194304, or outboxBytes if that is less); write it at a stronger level");
        }
    }

    private void requireRoom(Opened running, int entries, long bytes) throws SQLException {
        long entriesThen = entriesUnderWay.addAndGet(entries);
        long bytesThen = bytesUnderWay.addAndGet(bytes);
        PendingWrites.Counts now = running.replica.pending().counts();
        boolean isOverEntries = now.pending() + entriesThen > options.maxEntries();
        if (isOverEntries || now.bytes() + bytesThen > options.maxBytes()) {
            entriesUnderWay.addAndGet(-entries);
            bytesUnderWay.addAndGet(-bytes);
            throw Errors.of(
                    SqlState.OVER_LIMIT,
                    "the outbox of n" + node + " is full: " + now.pending() + " writes of " + now.bytes()
                            + " bytes wait to be carried out, "
                            + (isOverEntries
                                    ? "outboxEntries=" + options.maxEntries()
                                    : "outboxBytes=" + options.maxBytes())
                            + "; heal the cluster, write through another node, or raise the property when the database "
                            + "is opened");
        }
    }

    private static List<List<byte[]>> parts(List<byte[]> entries) {
        List<List<byte[]>> parts = new ArrayList<>(1);
        List<byte[]> part = new ArrayList<>(entries.size());
        long bytes = 0;
        for (byte[] entry : entries) {
            bytes += entry.length;
            if (!part.isEmpty() && bytes > Appender.GROUP_BYTES) {
                parts.add(part);
                part = new ArrayList<>();
                bytes = entry.length;
            }
            part.add(entry);
        }
        parts.add(part);
        return parts;
    }

    /** What this outbox can say of a write that is said to be one of its own. */
    public enum Standing {
        /** It was acknowledged, and is kept until it is carried out. */
        GIVEN,
        /** This outbox never gave that number, or is another one than is meant. */
        NEVER_GIVEN,
        /** It was acknowledged and can't be carried out any more, if it was not before. */
        LOST,
        /** It can't be told: the outbox is not open. */
        NOT_KNOWN
    }

    /** What became of a write, by the incarnation and the number that its session was told. */
    public Standing standing(long incarnation, long number) {
        Opened running = opened;
        if (running == null) {
            return closed || opener.isPresent() ? Standing.NOT_KNOWN : Standing.NEVER_GIVEN;
        }
        PendingWrites pending = running.replica.pending();
        if (pending.incarnation() != incarnation) {
            return closed ? Standing.NOT_KNOWN : Standing.NEVER_GIVEN;
        }
        if (wiped || pending.isLost(number)) {
            return Standing.LOST;
        }
        if (closed) {
            return Standing.NOT_KNOWN;
        }
        return pending.wasGiven(number) ? Standing.GIVEN : Standing.NEVER_GIVEN;
    }

    /**
     * How many acknowledged writes are lost when the folder of this stopped outbox is; -1 when it was not read.
     *
     * @param mark up to which number a shard has carried out an incarnation
     */
    public long wouldLose(Marks mark) {
        Opened running = opened;
        if (running == null) {
            return opener.isPresent() ? -1 : 0;
        }
        return running.replica.pending().countAfter(mark);
    }

    /** How far shards have carried out outboxes. */
    @FunctionalInterface
    public interface Marks {
        long of(int shard, long incarnation);
    }

    /**
     * Before it is opened: it is known to have acknowledged more than was carried out. When its folder does not hold that, the
     * status says what is lost.
     *
     * @param upTo the last number that was acknowledged
     * @param done the last number that was carried out
     */
    public void expect(long incarnation, long upTo, long done) {
        expected = new Expected(incarnation, upTo, done);
        String lost = lostBefore();
        if (lost != null && !opener.isPresent()) {
            LOG.error("outbox n{}: {}", node, lost);
        }
    }

    private record Expected(long incarnation, long upTo, long done) {}

    /** What is missing of what is known to have been acknowledged; null when it is there, or may be. */
    private @Nullable String lostBefore() {
        Expected known = expected;
        if (known == null) {
            return null;
        }
        Opened running = opened;
        long accepted = running == null ? 0 : running.replica.pending().counts().accepted();
        boolean isOther = running == null
                ? !opener.isPresent()
                : running.replica.pending().incarnation() != known.incarnation;
        boolean isShorter = running != null && !isOther && accepted < known.upTo;
        if (!isOther && !isShorter) {
            return null;
        }
        long from = isShorter ? Math.max(known.done, accepted) : known.done;
        return "its log is " + (isOther ? "gone" : "shorter than it was") + ": acknowledged writes with numbers "
                + (from + 1) + " to " + known.upTo + " of incarnation " + Long.toHexString(known.incarnation)
                + " are lost, but for those that were carried out before";
    }

    /** Its folder is gone: what was not carried out never will be. */
    public void wiped() {
        wiped = true;
    }

    /** Why its log's disk takes nothing now; null when it does, or is not open. */
    public @Nullable Shortage diskShortage() {
        Opened running = opened;
        if (running == null || closed) {
            return null;
        }
        running.log.look();
        return running.log.shortage();
    }

    /** Itself at this moment. */
    public OutboxStatus status() {
        Opened running = opened;
        if (running == null) {
            String why = openFailure == null ? lostBefore() : openFailure;
            if (why == null && opener.isPresent()) {
                why = "what it holds from before is not open yet";
            }
            return new OutboxStatus(node, 0, 0, 0, 0, null, 0, 0, why);
        }
        PendingWrites.Counts now = running.replica.pending().counts();
        QueuedWrite oldest = running.replica.pending().oldest();
        Throwable failure = running.replica.failure();
        Duration age = oldest == null ? null : Duration.between(OutboxEntry.acceptedAt(oldest.bytes()), Instant.now());
        return new OutboxStatus(
                node,
                now.incarnation(),
                now.accepted(),
                now.pending(),
                now.bytes(),
                age,
                now.forwarded(),
                now.rejected(),
                failure == null ? lastError(running, age) : "it is being opened again after: " + failure);
    }

    private @Nullable String lastError(Opened running, @Nullable Duration age) {
        for (Forwarder forwarder : running.forwarders) {
            String error = forwarder.lastError();
            if (error != null) {
                return error;
            }
        }
        String lost = running.replica.lostText();
        if (lost == null) {
            lost = lostBefore();
        }
        if (lost != null) {
            return lost;
        }
        return age == null || age.compareTo(OLD) < 0
                ? null
                : "its oldest write waits since " + age.toMillis()
                        + " ms: the leader of its shard has not answered yet";
    }

    /** Waits until everything accepted is carried out; gives how much is not by the deadline. */
    public long drain(Deadline deadline) {
        Opened running = opened;
        if (running == null) {
            return 0;
        }
        long left = running.replica.pending().counts().pending();
        while (left > 0 && !closed && running.replica.failure() == null && !deadline.isPast()) {
            LockSupport.parkNanos(1_000_000);
            left = running.replica.pending().counts().pending();
        }
        return left;
    }

    /** Forwards no more; the log stays open until the node is stopped. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Opened running = opened;
        if (running != null) {
            running.forwarders.forEach(Forwarder::stop);
        }
    }
}
