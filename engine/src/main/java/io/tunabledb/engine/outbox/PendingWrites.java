package io.tunabledb.engine.outbox;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The state that an outbox's log drives: which writes were accepted and not yet seen carried out, by shard. */
final class PendingWrites {
    /** Begins a state; one of before there were several shards begins with the incarnation, which is positive. */
    private static final long FORMAT = -2;

    /** One shard's part. */
    private static final class Lane {
        private final ArrayDeque<Pending> pending = new ArrayDeque<>();
        private long rejected;
    }

    private final Map<Integer, Lane> lanes = new TreeMap<>();
    private long incarnation;
    private long accepted;
    private long pending;
    private long bytes;
    private int wakes;

    /**
     * The counters at one moment, of all shards.
     *
     * @param forwarded how many were carried out or rejected
     */
    record Counts(long incarnation, long accepted, long forwarded, long rejected, long pending, long bytes) {}

    synchronized Counts counts() {
        long rejected = lanes.values().stream().mapToLong(lane -> lane.rejected).sum();
        return new Counts(incarnation, accepted, accepted - pending, rejected, pending, bytes);
    }

    synchronized long incarnation() {
        return incarnation;
    }

    /** How many of a shard's writes failed. */
    synchronized long rejected(int shard) {
        return lane(shard).rejected;
    }

    private Lane lane(int shard) {
        return lanes.computeIfAbsent(shard, any -> new Lane());
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
            add(new Pending(++accepted, entry));
        }
        notifyAll();
        return first;
    }

    private void add(Pending one) {
        lane(one.shard()).pending.add(one);
        pending++;
        bytes += one.bytes().length;
    }

    /** A shard's writes up to a number were carried out; {@code rejectedInAll} of all that it ever had failed. */
    synchronized void forwarded(int shard, long upTo, long rejectedInAll) {
        Lane lane = lane(shard);
        while (!lane.pending.isEmpty() && lane.pending.peek().number() <= upTo) {
            bytes -= lane.pending.remove().bytes().length;
            pending--;
        }
        lane.rejected = Math.max(lane.rejected, rejectedInAll);
        notifyAll();
    }

    synchronized @Nullable Pending oldest() {
        return lanes.values().stream()
                .filter(lane -> !lane.pending.isEmpty())
                .map(lane -> lane.pending.peek())
                .min(Comparator.comparingLong(Pending::number))
                .orElse(null);
    }

    /** Waits up to {@code millis} for a write of a shard after {@code number}, or to be woken. */
    synchronized boolean awaitAfter(int shard, long number, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        int before = wakes;
        while (!hasAfter(shard, number) && wakes == before) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return hasAfter(shard, number);
    }

    private boolean hasAfter(int shard, long number) {
        Pending last = lane(shard).pending.peekLast();
        return last != null && last.number() > number;
    }

    /** Wakes who waits, without anything having changed here. */
    synchronized void wake() {
        wakes++;
        notifyAll();
    }

    /** The first writes of a shard after {@code number}, within both bounds but at least one. */
    synchronized List<Pending> after(int shard, long number, int most, long mostBytes) {
        List<Pending> found = new ArrayList<>();
        long size = 0;
        for (Pending one : lane(shard).pending) {
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
        int size = 3 * 8 + 4 + lanes.size() * (4 + 8 + 4);
        for (Lane lane : lanes.values()) {
            for (Pending one : lane.pending) {
                size = Math.addExact(size, 8 + 4 + one.bytes().length);
            }
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putLong(FORMAT).putLong(incarnation).putLong(accepted).putInt(lanes.size());
        lanes.forEach((shard, lane) -> {
            out.putInt(shard).putLong(lane.rejected).putInt(lane.pending.size());
            for (Pending one : lane.pending) {
                out.putLong(one.number()).putInt(one.bytes().length).put(one.bytes());
            }
        });
        return out.array();
    }

    /** Replaces everything with what {@link #encode} gave, or with nothing. */
    synchronized void restore(byte @Nullable [] state) {
        lanes.clear();
        incarnation = 0;
        accepted = 0;
        pending = 0;
        bytes = 0;
        if (state != null) {
            ByteBuffer in = ByteBuffer.wrap(state);
            long first = in.getLong();
            if (first == FORMAT) {
                restoreLanes(in);
            } else {
                incarnation = first;
                restoreOnlyLane(in);
            }
        }
        notifyAll();
    }

    private void restoreLanes(ByteBuffer in) {
        incarnation = in.getLong();
        accepted = in.getLong();
        for (int left = in.getInt(); left > 0; left--) {
            int shard = in.getInt();
            lane(shard).rejected = in.getLong();
            for (int entries = in.getInt(); entries > 0; entries--) {
                add(new Pending(in.getLong(), shard, bytes(in)));
            }
        }
    }

    private void restoreOnlyLane(ByteBuffer in) {
        accepted = in.getLong();
        long unused = in.getLong(); // how many were forwarded: all that are not here
        lane(0).rejected = in.getLong();
        int count = in.getInt();
        for (int i = 1; i <= count; i++) {
            add(new Pending(accepted - count + i, bytes(in)));
        }
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
    }
}
