package io.tunabledb.engine.outbox;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The state that an outbox's log drives: which writes were accepted and not yet seen carried out. */
final class PendingWrites {
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private long incarnation;
    private long accepted;
    private long forwarded;
    private long rejected;
    private long bytes;
    private int wakes;

    /** The counters at one moment. */
    record Counts(long incarnation, long accepted, long forwarded, long rejected, long pending, long bytes) {}

    synchronized Counts counts() {
        return new Counts(incarnation, accepted, forwarded, rejected, pending.size(), bytes);
    }

    synchronized long incarnation() {
        return incarnation;
    }

    synchronized void begin(long newIncarnation) {
        // the first one counts: a second was proposed by an opening that did not hear of the first
        if (incarnation == 0) {
            incarnation = newIncarnation;
        }
    }

    /** Takes entries in; gives the number of the first. */
    synchronized long accept(List<byte[]> entries) {
        long first = accepted + 1;
        for (byte[] entry : entries) {
            pending.add(new Pending(++accepted, entry));
            bytes += entry.length;
        }
        notifyAll();
        return first;
    }

    synchronized void forwarded(long upTo, long rejectedInAll) {
        while (!pending.isEmpty() && pending.peek().number() <= upTo) {
            bytes -= pending.remove().bytes().length;
        }
        forwarded = Math.max(forwarded, upTo);
        rejected = Math.max(rejected, rejectedInAll);
        notifyAll();
    }

    synchronized @Nullable Pending oldest() {
        return pending.peek();
    }

    /** Waits up to {@code millis} for a write after {@code number}, or to be woken. */
    synchronized boolean awaitAfter(long number, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        int before = wakes;
        while (accepted <= number && wakes == before) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return accepted > number;
    }

    /** Wakes who waits, without anything having changed here. */
    synchronized void wake() {
        wakes++;
        notifyAll();
    }

    /** The first writes after {@code number}, within both bounds but at least one. */
    synchronized List<Pending> after(long number, int most, long mostBytes) {
        List<Pending> found = new ArrayList<>();
        long size = 0;
        for (Pending one : pending) {
            if (one.number() <= number) {
                continue;
            }
            size += one.bytes().length;
            if (!found.isEmpty() && (found.size() >= most || size > mostBytes)) {
                break;
            }
            found.add(one);
        }
        return found;
    }

    synchronized byte[] encode() {
        int size = 4 * 8 + 4;
        for (Pending one : pending) {
            size = Math.addExact(size, 4 + one.bytes().length);
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putLong(incarnation).putLong(accepted).putLong(forwarded).putLong(rejected);
        out.putInt(pending.size());
        for (Pending one : pending) {
            out.putInt(one.bytes().length).put(one.bytes());
        }
        return out.array();
    }

    /** Replaces everything with what {@link #encode} gave, or with nothing. */
    synchronized void restore(byte @Nullable [] state) {
        pending.clear();
        incarnation = 0;
        accepted = 0;
        forwarded = 0;
        rejected = 0;
        bytes = 0;
        if (state == null) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(state);
        incarnation = in.getLong();
        accepted = in.getLong();
        forwarded = in.getLong();
        rejected = in.getLong();
        int count = in.getInt();
        long number = accepted - count;
        for (int i = 0; i < count; i++) {
            byte[] entry = new byte[in.getInt()];
            in.get(entry);
            pending.add(new Pending(++number, entry));
            bytes += entry.length;
        }
        notifyAll();
    }
}
