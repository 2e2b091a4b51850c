package io.tunabledb.engine.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.h2.internals.Stacks;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.log.Shortage;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's outbox: accepts weak writes with nobody's help, keeps them durably, and has them carried out in the order
 * of their acceptance. OpenOutbox by the first write, or at start when it is there from before. Any thread.
 */
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int RECORD_OVERHEAD_BYTES = 1 << 12;
    private static final Duration OPENING = Duration.ofMinutes(1);

    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LONGEST_RETRY_MILLIS = 10_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final int node;
    private final int shards;
    private final LogOpener opener;
    private final Delivery delivery;
    private final OutboxOptions options;
    private final Executor executor;
    private final Acceptance acceptance;
    private final AtomicBoolean resuming = new AtomicBoolean();
    private volatile @Nullable OpenOutbox opened;
    private volatile boolean closed;
    private volatile boolean wiped;
    /** What it is known to have acknowledged when the database ran last. */
    private volatile @Nullable KnownWrites expected;
    /** Why the last opening failed; null when it did not. */
    private volatile @Nullable String openFailure;
    /** When the last opening ended. */
    private volatile long openedAtNanos;
    /** Guarded by this object's monitor. */
    private @Nullable CompletableFuture<OpenOutbox> opening;

    public Outbox(int node, LogOpener opener, Delivery delivery, OutboxOptions options, Executor executor) {
        this.node = node;
        this.shards = delivery.shards();
        this.opener = opener;
        this.delivery = delivery;
        this.options = options;
        this.executor = executor;
        this.acceptance = new Acceptance(node, options);
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
        OpenOutbox now = opened;
        if (now != null && !now.isWell()) {
            // it failed while this one ended, and took it for still trying
            resume();
        }
    }

    private void tryUntilOpen() {
        long pauseMillis = FIRST_RETRY_MILLIS;
        while (!closed) {
            CompletableFuture<OpenOutbox> opening = opening();
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
    private synchronized CompletableFuture<OpenOutbox> opening() {
        if (closed) {
            return CompletableFuture.failedFuture(new IOException("node n" + node + " is stopped"));
        }
        OpenOutbox before = opened;
        if (before != null && before.isWell()) {
            return CompletableFuture.completedFuture(before);
        }
        CompletableFuture<OpenOutbox> now = opening;
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

    private OpenOutbox openAgain(@Nullable OpenOutbox before) {
        try {
            if (before != null) {
                before.close();
            }
            OpenOutbox fresh = openNow();
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

    private OpenOutbox openNow() throws IOException {
        OutboxReplica replica = new OutboxReplica("outbox n" + node, options.durable(), executor);
        ShardLog log;
        try {
            log = opener.open(
                    replica, Acceptance.MAX_WRITE_BYTES + RECORD_OVERHEAD_BYTES, new LogRecord.Lost().encode());
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
        return new OpenOutbox(replica, log, appender, forwarders);
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

    private OpenOutbox open(Deadline deadline) throws SQLException {
        String why;
        Exception cause;
        try {
            return RunningTime.await(opening(), Math.max(Acceptance.LEAST_NANOS, deadline.remainingNanos()));
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
        OpenOutbox running = open(deadline);
        return acceptance.accept(running.appender(), running.pending(), entries, deadline);
    }

    /** What this outbox can say of a write that is said to be one of its own. */
    public enum Standing {
        /** It was acknowledged, and is kept until it is carried out. */
        GIVEN,
        /** This outbox never gave that number, or is another one than is meant. */
        NEVER_GIVEN,
        /** It was acknowledged and can't be carried out any more, if it was not before. */
        LOST,
        /** Nobody can tell: the outbox is not open. */
        NOT_KNOWN
    }

    /** What became of a write, by the incarnation and the number that its session was told. */
    public Standing standing(long incarnation, long number) {
        OpenOutbox running = opened;
        if (running == null) {
            return closed || opener.isPresent() ? Standing.NOT_KNOWN : Standing.NEVER_GIVEN;
        }
        PendingWrites pending = running.pending();
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
     * How many acknowledged writes are lost when the folder of this stopped outbox is; -1 when nobody has read it.
     *
     * @param mark up to which number a shard has carried out an incarnation
     */
    public long wouldLose(Marks mark) {
        OpenOutbox running = opened;
        if (running == null) {
            return opener.isPresent() ? -1 : 0;
        }
        return running.pending().countAfter(mark);
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
        expected = new KnownWrites(incarnation, upTo, done);
        String lost = lostBefore();
        if (lost != null && !opener.isPresent()) {
            LOG.error("outbox n{}: {}", node, lost);
        }
    }

    /** What is missing of what is known to have been acknowledged; null when it is there, or may be. */
    private @Nullable String lostBefore() {
        KnownWrites known = expected;
        OpenOutbox running = opened;
        return known == null
                ? null
                : known.missing(running == null ? null : running.pending().counts(), opener::isPresent);
    }

    /** Its folder is gone: what was not carried out never will be. */
    public void wiped() {
        wiped = true;
    }

    /** Why its log's disk takes nothing now; null when it does, or is not open. */
    public @Nullable Shortage diskShortage() {
        OpenOutbox running = opened;
        if (running == null || closed) {
            return null;
        }
        running.log().look();
        return running.log().shortage();
    }

    /** Itself at this moment. */
    public OutboxStatus status() {
        OpenOutbox running = opened;
        if (running == null) {
            String why = openFailure == null ? lostBefore() : openFailure;
            String said = why == null && opener.isPresent() ? "what it holds from before is not open yet" : why;
            return new OutboxStatus(node, 0, 0, 0, 0, null, 0, 0, said);
        }
        return running.status(node, lostBefore());
    }

    /** Waits until everything accepted is carried out; gives how much is not by the deadline. */
    public long drain(Deadline deadline) {
        OpenOutbox running = opened;
        if (running == null) {
            return 0;
        }
        long left = running.pending().counts().pending();
        while (left > 0 && !closed && running.replica().failure() == null && !deadline.isPast()) {
            LockSupport.parkNanos(1_000_000);
            left = running.pending().counts().pending();
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
        OpenOutbox running = opened;
        if (running != null) {
            running.forwarders().forEach(Forwarder::stop);
        }
    }
}
