package io.tunabledb.engine.outbox;

import io.tunabledb.engine.log.LogPosition;
import io.tunabledb.engine.log.ShardLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: one append is under way at a time, and what arrives meanwhile goes with the next, in the order of
 * arrival. So a write waits for the disk once, or for the end of one write before and once, however many there are.
 */
final class Appender {
    /** One request may be larger; several together are not. */
    static final int GROUP_BYTES = 1 << 20;

    private final ShardLog log;
    private final ArrayDeque<Request> waiting = new ArrayDeque<>();
    private boolean isUnderWay;

    Appender(ShardLog log) {
        this.log = log;
    }

    private record Request(List<byte[]> entries, long bytes, CompletableFuture<Long> last) {}

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

    /** Completes with the number of the last entry when all of them are durable; fails as {@link ShardLog#append} does. */
    CompletableFuture<Long> append(List<byte[]> entries) {
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
        return request.last;
    }

    /** Holding the monitor. Null, and nothing under way, when nobody waits. */
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
            appended = log.append(new LogRecord.Accept(group.entries).encode(), group);
        } catch (RuntimeException e) {
            appended = CompletableFuture.failedFuture(e);
        }
        var unused = appended.whenComplete((at, failure) -> {
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
        });
    }
}
