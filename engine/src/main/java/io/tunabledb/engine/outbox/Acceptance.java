package io.tunabledb.engine.outbox;

import io.tunabledb.consistency.SqlState;
import io.tunabledb.engine.api.Errors;
import io.tunabledb.engine.clock.Deadline;
import io.tunabledb.engine.clock.RunningTime;
import io.tunabledb.engine.log.NotLeaderException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** How one node's outbox takes writes: as many as there is room for, in groups, each durable before it is acknowledged. Any thread. */
final class Acceptance {
    /** The largest write that is accepted. */
    static final int MAX_WRITE_BYTES = 4 << 20;

    /** Who comes with no time left was held up on the way; what is asked for takes a moment only. */
    static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final int node;
    private final OutboxOptions options;
    private final AtomicLong entriesUnderWay = new AtomicLong();
    private final AtomicLong bytesUnderWay = new AtomicLong();

    Acceptance(int node, OutboxOptions options) {
        this.node = node;
        this.options = options;
    }

    /**
     * Accepts encoded {@link OutboxEntry}s: when this returns they are durable here.
     *
     * @param appender the open outbox's
     * @param pending what waits in it
     * @throws SQLException TC006 when it is full, 08001 when it took nothing, 08007 when it did not answer in time
     */
    Outbox.Accepted accept(Appender appender, PendingWrites pending, List<byte[]> entries, Deadline deadline)
            throws SQLException {
        long bytes = 0;
        for (byte[] entry : entries) {
            requireFits(entry);
            bytes += entry.length;
        }
        requireRoom(pending, entries.size(), bytes);
        List<List<byte[]>> parts = parts(entries);
        List<Appender.Request> appended = new ArrayList<>(1);
        for (List<byte[]> part : parts) {
            appended.add(appender.append(part));
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
            throw givenUp(appender, appended, e);
        } catch (InterruptedException e) {
            SQLException given = givenUp(appender, appended, e);
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
        return new Outbox.Accepted(node, pending.incarnation(), numbers);
    }

    /** What nobody proposed yet is taken back: then the answer is certain. */
    private SQLException givenUp(Appender appender, List<Appender.Request> appended, Exception cause) {
        boolean areAllBack = true;
        for (Appender.Request request : appended) {
            areAllBack &= appender.withdraw(request);
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

    private void requireRoom(PendingWrites pending, int entries, long bytes) throws SQLException {
        long entriesThen = entriesUnderWay.addAndGet(entries);
        long bytesThen = bytesUnderWay.addAndGet(bytes);
        PendingWrites.Counts now = pending.counts();
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
}
