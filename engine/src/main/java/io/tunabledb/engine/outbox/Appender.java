package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.NotLeaderException;
import io.tunabledb.engine.log.OutcomeUnknownException;
import io.tunabledb.engine.log.ShardLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: one append is under way at a time, and what arrives meanwhile goes with the next, in the order of
 * arrival. So a write waits for the disk once, or for the end of one write before and once, however many there are.
 */
final class Appender {
    /** One request may be larger; several together are not. */
    static final int GROUP_BYTES = 1 << 20;

    /** Between tries of a log that takes nothing for a moment, as after this JVM was stopped for a while. */
    private static final Executor SOON = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS);

    /** As many are ten seconds. */
    private static final int MOST_LOOKS = 2_000;

    private final ShardLog log;
    private final PendingWrites pending;
    private final BooleanSupplier isOpen;
    private final ArrayDeque<Request> waiting = new ArrayDeque<>();
    private boolean isUnderWay;

    /**
     * @param pending what the log drives
     * @param isOpen false when the log will never take anything again
     */
    Appender(ShardLog log, PendingWrites pending, BooleanSupplier isOpen) {
        this.log = log;
        this.pending = pending;
        this.isOpen = isOpen;
    }

    /**
     * Writes that follow each other.
     *
     * @param last completes with the number of the last of them when all are durable; fails as {@link ShardLog#append} does
     */
    record Request(List<byte[]> entries, long bytes, CompletableFuture<Long> last) {}

    /** Requests that share a log record; the log hands it back when that is applied. */
    static final class Group {
        private final List<Request> requests = new ArrayList<>();
        private final List<byte[]> entries = new ArrayList<>();
        private volatile long first;

        void numberedFrom(long number) {
            first = number;
        }

        private void completed() {
            long number = first - 1;
            for (Request request : requests) {
                number += request.entries.size();
                request.last.complete(number);
            }
        }

        private void failed(Throwable cause) {
            requests.forEach(request -> request.last.completeExceptionally(cause));
        }
    }

    /** Has entries appended as soon as the log takes them. */
    Request append(List<byte[]> entries) {
        long bytes = 0;
        for (byte[] entry : entries) {
            bytes += entry.length;
        }
        Request request = new Request(entries, bytes, new CompletableFuture<>());
        Group group;
        synchronized (this) {
            waiting.add(request);
            group = isUnderWay ? null : nextGroup();
        }
        propose(group);
        return request;
    }

    /** Takes a request back that was not proposed yet: it will never be. False when it was. */
    boolean withdraw(Request request) {
        synchronized (this) {
            if (!waiting.remove(request)) {
                return false;
            }
        }
        request.last.completeExceptionally(new NotLeaderException("taken back"));
        return true;
    }

    /** Holding the monitor. Null, and nothing under way, when no writer waits. */
    private @Nullable Group nextGroup() {
        isUnderWay = !waiting.isEmpty();
        if (waiting.isEmpty()) {
            return null;
        }
        Group group = new Group();
        long bytes = 0;
        while (!waiting.isEmpty()) {
            Request next = waiting.peek();
            bytes += next.bytes;
            if (!group.requests.isEmpty() && bytes > GROUP_BYTES) {
                break;
            }
            group.requests.add(waiting.remove());
            group.entries.addAll(next.entries);
        }
        return group;
    }

    private void propose(@Nullable Group group) {
        if (group == null) {
            return;
        }
        CompletableFuture<LogPosition> appended;
        try {
            appended = log.append(record(group).encode(), group);
        } catch (RuntimeException e) {
            appended = CompletableFuture.failedFuture(e);
        }
        var unused = appended.whenComplete((at, failure) -> {
            if (failure instanceof NotLeaderException && isOpen.getAsBoolean()) {
                // certainly not in the log: it is tried again for as long as its callers wait
                putBack(group);
                SOON.execute(this::proposeNext);
                return;
            }
            if (failure instanceof OutcomeUnknownException && isOpen.getAsBoolean()) {
                awaitApplied(group, failure, MOST_LOOKS);
                return;
            }
            finish(group, failure);
        });
    }

    /**
     * The log stopped for a moment with the group in it, or nearly. No other group can overwrite what it holds: if the group
     * is in there it is applied as soon as the log takes something again. Until then nothing else is proposed.
     */
    private void awaitApplied(Group group, Throwable failure, int looks) {
        if (group.first != 0) {
            finish(group, null);
        } else if (looks == 0 || !isOpen.getAsBoolean()) {
            finish(group, failure);
        } else {
            SOON.execute(() -> awaitApplied(group, failure, looks - 1));
        }
    }

    private void finish(Group group, @Nullable Throwable failure) {
        Group next;
        synchronized (this) {
            next = nextGroup();
        }
        // the next one is on its way before those of this one are woken
        propose(next);
        if (failure == null) {
            group.completed();
        } else {
            group.failed(failure);
        }
    }

    /** Nothing else is under way, so every number that was given is known. */
    private LogRecord.Accept record(Group group) {
        return new LogRecord.Accept(pending.incarnation(), pending.nextNumber(), group.entries);
    }

    private synchronized void putBack(Group group) {
        for (int i = group.requests.size() - 1; i >= 0; i--) {
            waiting.addFirst(group.requests.get(i));
        }
    }

    private void proposeNext() {
        Group group;
        synchronized (this) {
            group = nextGroup();
        }
        propose(group);
    }
}
