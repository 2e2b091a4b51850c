package io.tunabledb.engine.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.Errors;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.ShardLog;
import io.tunabledb.engine.shard.Deadline;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's outbox: accepts weak writes with nobody's help, keeps them durably, and has them carried out in the order
 * of their acceptance. Opened by the first write, or at start when it is there from before. Any thread.
 */
public final class Outbox implements AutoCloseable {
    /** The largest write that is accepted. */
    static final int MAX_WRITE_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int RECORD_OVERHEAD_BYTES = 1 << 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final int node;
    private final int shards;
    private final LogOpener opener;
    private final Delivery delivery;
    private final OutboxOptions options;
    private final Executor executor;
    private final AtomicLong entriesUnderWay = new AtomicLong();
    private final AtomicLong bytesUnderWay = new AtomicLong();
    private volatile @Nullable Opened opened;
    private volatile boolean closed;

    private record Opened(OutboxReplica replica, Appender appender, List<Forwarder> forwarders) {}

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
        if (opener.isPresent()) {
            executor.execute(() -> {
                try {
                    open();
                } catch (IOException | RuntimeException e) {
                    if (!closed) {
                        LOG.error("the outbox of n{} can't be opened; what it holds stays where it is", node, e);
                    }
                }
            });
        }
    }

    private Opened open() throws IOException {
        Opened already = opened;
        if (already != null) {
            return already;
        }
        synchronized (this) {
            if (closed) {
                throw new IOException("node n" + node + " is stopped");
            }
            if (opened == null) {
                opened = openNow();
            }
            return opened;
        }
    }

    private Opened openNow() throws IOException {
        OutboxReplica replica = new OutboxReplica("outbox n" + node, options.durable(), executor);
        ShardLog log = opener.open(replica, MAX_WRITE_BYTES + RECORD_OVERHEAD_BYTES);
        replica.attach(log);
        if (replica.pending().incarnation() == 0) {
            // even, and so never a session's id
            long incarnation = (RANDOM.nextLong() >>> 1 & ~1L) | 2;
            try {
                log.append(new LogRecord.Begin(incarnation).encode(), this)
                        .get(options.patience().toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException("the outbox of n" + node + " could not be begun", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the outbox of n" + node + " was being opened", e);
            }
        }
        List<Forwarder> forwarders = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            Forwarder.Lane lane = new Forwarder.Lane(node, shard);
            Forwarder forwarder = new Forwarder(lane, replica.pending(), log, delivery, options.patience());
            forwarders.add(forwarder);
            Thread thread = new Thread(forwarder, "tunabledb-outbox-n" + node + "-s" + shard);
            thread.setDaemon(true);
            thread.start();
        }
        return new Opened(replica, new Appender(log), forwarders);
    }

    /**
     * Accepts encoded {@link OutboxEntry}s: when this returns they are durable here.
     *
     * @throws SQLException TC006 when it is full, 08001 when it can't be opened, 08007 when it did not answer in time
     */
    public Accepted append(List<byte[]> entries, Deadline deadline) throws SQLException {
        Opened running;
        try {
            running = open();
        } catch (IOException e) {
            throw Errors.of(
                    SqlState.CANNOT_CONNECT,
                    "the outbox of n" + node + " can't be opened: " + e.getMessage()
                            + "; write through another node, or at a stronger level",
                    e);
        }
        long bytes = 0;
        for (byte[] entry : entries) {
            requireFits(entry);
            bytes += entry.length;
        }
        requireRoom(running, entries.size(), bytes);
        List<List<byte[]>> parts = parts(entries);
        List<CompletableFuture<Long>> appended = new ArrayList<>(1);
        for (List<byte[]> part : parts) {
            appended.add(running.appender.append(part));
        }
        int count = entries.size();
        long size = bytes;
        CompletableFuture<Void> all = CompletableFuture.allOf(appended.toArray(CompletableFuture<?>[]::new))
                .whenComplete((done, failure) -> {
                    entriesUnderWay.addAndGet(-count);
                    bytesUnderWay.addAndGet(-size);
                });
        await(all, deadline);
        SortedMap<Integer, Long> numbers = new TreeMap<>();
        for (int i = 0; i < parts.size(); i++) {
            // those of one part follow each other; between two parts may be another session's
            long number = appended.get(i).join() - parts.get(i).size();
            for (byte[] entry : parts.get(i)) {
                numbers.put(OutboxEntry.shard(entry), ++number);
            }
        }
        return new Accepted(node, running.replica.pending().incarnation(), numbers);
    }

    private void await(CompletableFuture<Void> appended, Deadline deadline) throws SQLException {
        try {
            appended.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotLeaderException) {
                throw Errors.of(
                        SqlState.CANNOT_CONNECT,
                        "the outbox of n" + node + " was stopped before it took the write; write through another node",
                        e);
            }
            throw unknown(e);
        } catch (TimeoutException e) {
            throw unknown(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(e);
        }
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

    /** Itself at this moment. */
    public OutboxStatus status() {
        Opened running = opened;
        if (running == null) {
            String why = opener.isPresent() ? "what it holds from before is not open yet" : null;
            return new OutboxStatus(node, 0, 0, 0, 0, null, 0, 0, why);
        }
        PendingWrites.Counts now = running.replica.pending().counts();
        Pending oldest = running.replica.pending().oldest();
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
                failure == null ? lastError(running) : failure.toString());
    }

    private static @Nullable String lastError(Opened running) {
        for (Forwarder forwarder : running.forwarders) {
            String error = forwarder.lastError();
            if (error != null) {
                return error;
            }
        }
        return null;
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
        }
        Opened running = opened;
        if (running != null) {
            running.forwarders.forEach(Forwarder::stop);
        }
    }
}
